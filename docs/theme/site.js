// What the theme leaves out for the keyboard and for screen readers.

function complete() {
  document.querySelectorAll("nav.md-code__nav:not([aria-label])").forEach((toolbar, index) => {
    toolbar.setAttribute("aria-label", `Code ${index + 1}`);
  });
  // Wide tables scroll, also without a mouse.
  document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])").forEach((frame, index) => {
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", `Table ${index + 1}`);
  });
}

new MutationObserver(complete).observe(document.documentElement, { childList: true, subtree: true });
complete();
