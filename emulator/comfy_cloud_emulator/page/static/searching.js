// Search fields: what is shown in the browser is filtered at once, or the emulator is asked.

import { byId } from "./dom.js";

const PAUSE = 180; // milliseconds after the last key

/** Whether `text` contains every word, in upper or lower case. */
export function matches(words, text) {
  const folded = text.toLowerCase();
  return words.every((word) => folded.includes(word));
}

/** Call `onWords(words)` whenever the words in a field change. */
export function onSearch(id, onWords) {
  const field = byId(id);
  field.addEventListener("input", () => onWords(field.value.toLowerCase().split(/\s+/).filter(Boolean)));
}

/**
 * Ask the emulator for what matches the words in a field. `onFound(found)` gets its response, null when
 * the field is empty, or `{ problem }`. Returns a function that asks again, for when something changed.
 */
export function onRemoteSearch(id, path, onFound) {
  const field = byId(id);
  let timer = 0;
  let asked = 0;

  async function ask() {
    const text = field.value.trim();
    asked += 1;
    const mine = asked;
    if (!text) {
      onFound(null);
      return;
    }
    const found = await read(`${path}?search=${encodeURIComponent(text)}`);
    if (mine === asked) onFound(found);
  }

  function plan(pause) {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  }

  field.addEventListener("input", () => plan(field.value.trim() ? PAUSE : 0));
  return () => {
    if (field.value.trim()) plan(2 * PAUSE);
  };
}

/** The JSON of one of the page's routes, or `{ problem }`. */
export async function read(path) {
  try {
    const response = await fetch(`/_emulator/page/${path}`);
    const found = await response.json();
    return response.ok ? found : { problem: found.message ?? `The emulator responded with status ${response.status}.` };
  } catch {
    return { problem: "The emulator does not respond." };
  }
}
