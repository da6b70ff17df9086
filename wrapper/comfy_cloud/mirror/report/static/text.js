// Elements and texts. Text of the server only ever becomes text nodes and attribute values.

// What a reader would not see, or what would reorder what they see. Line breaks and tabs stay.
const HIDDEN = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069"
  + "\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\u{e0000}-\\u{e007f}]", "gu");

function codePoint(character) {
  return "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}

// The text with its hidden characters named, as nodes.
function shown(text) {
  const fragment = document.createDocumentFragment();
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (found.index > from) fragment.append(text.slice(from, found.index));
    const mark = document.createElement("span");
    mark.className = "code-point";
    mark.textContent = codePoint(found[0]);
    fragment.append(mark);
    from = found.index + found[0].length;
  }
  fragment.append(text.slice(from));
  return fragment;
}

// The same as plain text, for attributes, options and the canvas.
function plain(text) {
  return text.replace(HIDDEN, (character) => `[${codePoint(character)}]`);
}

// An element. Attributes are named by this page and never by data; children are texts or nodes.
function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") made.className = value;
    else if (key === "onclick") made.addEventListener("click", value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined) continue;
    made.append(typeof child === "string" ? shown(child) : child);
  }
  return made;
}

const byId = (id) => document.getElementById(id);
const NUMBER = new Intl.NumberFormat("en");
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const MINUTE = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});
const SECOND = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

function isInstant(ms) {
  return typeof ms === "number" && Math.abs(ms) <= 8.64e15;
}

function dateText(ms, format) {
  return isInstant(ms) ? format.format(ms) : "no time";
}

function timeElement(ms, format) {
  return isInstant(ms) ? el("time", { datetime: new Date(ms).toISOString() }, format.format(ms)) : el("span", {}, "no time");
}

function secondsText(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function sizeText(bytes) {
  if (bytes === null) return "";
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999950 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function say(text) {
  byId("spoken").textContent = text;
}

async function copyText(text, button) {
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without permission or a secure context: the way that every browser has.
    const field = el("textarea", { class: "hidden", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    button.after(field);
    field.select();
    isCopied = document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const before = button.dataset.label;
  button.textContent = isCopied ? "Copied" : "Not copied";
  say(isCopied ? `Copied ${button.dataset.what}` : "The browser did not copy it");
  setTimeout(() => { button.textContent = before; }, 1500);
}

function copyButton(text, what) {
  const button = el("button", { type: "button", class: "copy", "aria-label": `Copy ${what}` }, "Copy");
  button.dataset.label = "Copy";
  button.dataset.what = what;
  button.addEventListener("click", () => copyText(text, button));
  return button;
}
