// Buttons that copy a text, and say that they did.

import { byId, make, setText } from "./dom.js";

const SHOWN = 1600;

/** A button that copies what `text()` returns. `label` is its name, `what` what was copied. */
export function copyButton(label, what, text) {
  let timer = 0;
  const button = make("button", { type: "button", class: "small copy", text: label });
  button.addEventListener("click", async () => {
    const isCopied = await copy(text());
    setText(button, isCopied ? "Copied" : "Copy failed");
    setText(byId("copied"), isCopied ? `${what} copied` : `${what} could not be copied; select it instead`);
    clearTimeout(timer);
    timer = setTimeout(() => {
      setText(button, label);
      setText(byId("copied"), "");
    }, SHOWN);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Browsers have no clipboard for pages over plain http, unless they come from this machine.
function copyBySelection(text) {
  const field = make("textarea", { class: "hidden", readonly: true, "aria-hidden": "true", tabindex: -1 });
  field.value = text;
  const open = document.querySelector("dialog[open]") ?? document.body;
  const focused = document.activeElement;
  open.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    focused?.focus();
  }
}
