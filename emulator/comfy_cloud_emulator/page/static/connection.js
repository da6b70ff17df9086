// The live stream: opened, reopened when it breaks, closed while the tab is hidden.

const STREAM = "/_emulator/page/stream";
const FIRST_WAIT = 400;
const LONGEST_WAIT = 5000;
// A stopped emulator refuses connections; one that was reset is back at the first retry.
const FAILURES_UNTIL_GONE = 2;

/**
 * Call `onSection(name, value)` for each update, and `onState` with "live", "again", "gone" or "hidden".
 * After each reconnect, every section is sent again.
 */
export function connect(sections, onSection, onState) {
  let source = null;
  let timer = 0;
  let failures = 0;

  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(STREAM);
    for (const name of sections) {
      source.addEventListener(name, (event) => {
        onSection(name, JSON.parse(event.data));
      });
    }
    source.addEventListener("open", () => {
      failures = 0;
      onState("live");
    });
    source.addEventListener("error", () => {
      close();
      failures += 1;
      onState(failures >= FAILURES_UNTIL_GONE ? "gone" : "again");
      timer = setTimeout(open, Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT));
    });
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  // Browsers limit the connections to one server; a tab in the background needs none.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
      onState("hidden");
    } else open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  if (!document.hidden) open();
}
