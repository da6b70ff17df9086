// The search: the same language as that of `comfy-cloud history search` (mirror/query_language.py).
//
// Texts become words in lower case with one space around each, so that a term is found as a part of
// a text: " at dusk " is a phrase, " light" the beginning of a word.

const FIELDS = {
  prompt: "prompts", prompts: "prompts", text: "texts", title: "titles", model: "models", lora: "models",
  file: "files",
};
const COLUMNS = ["prompts", "texts", "titles", "models", "files"];
const EXACT = ["status", "workflow", "seed"];
const BY_BEGINNING = ["models", "files"];
const STATUS_WORDS = { error: "failed", failure: "failed", success: "completed", canceled: "cancelled" };
const ACCENTS = /[\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331]/gu;
const FOLDED = { "\u03c2": "\u03c3", "\u00b5": "\u03bc", "\u017f": "s" };

// Letters and digits as words, " like these ". Accents of Latin letters are dropped.
function spaced(text) {
  if (/^[\u0000-\u007f]*$/u.test(text)) return ` ${text.toLowerCase().replace(/[^a-z0-9]+/gu, " ").trim()} `;
  const folded = text.replace(/[^\u0000-\u007f]/gu, foldedMark).replace(/[A-Z]/gu, (mark) => mark.toLowerCase());
  return ` ${folded.replace(/[^\p{L}\p{N}\p{Co}]+/gu, " ").trim()} `;
}

function foldedMark(mark) {
  ACCENTS.lastIndex = 0;
  if (ACCENTS.test(mark)) return "";
  if (!/[\p{L}\p{N}\p{Co}]/u.test(mark)) return " ";
  const base = String.fromCodePoint(mark.normalize("NFD").codePointAt(0));
  const lower = (base <= "\u007f" ? base : FOLDED[mark] ?? mark).toLowerCase();
  return [...lower].length === 1 ? lower : mark;
}

// A name with the words inside it below: KSampler with "sampler", flux1-dev with "flux".
function named(text) {
  const inner = [];
  for (const [name] of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const parts = name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Lt}]+|\p{Lu}|\p{N}+/gu) ?? [];
    if (parts.length < 2) continue;
    inner.push(...parts.filter((part) => [...part].length > 1 && /^\p{L}+$/u.test(part)));
  }
  return inner.length === 0 ? text : `${text}\n${inner.join(" ")}`;
}

// What was typed: terms and exact values that must, or must not, be there. Nothing is an error.
function readQuery(typed) {
  const terms = [];
  for (const found of typed.matchAll(/(-)?(?:([A-Za-z]+):)?(?:"([^"]*)"?|([^\s"]+))/gu)) {
    const [, minus, field, phrase, word] = found;
    const name = (field ?? "").toLowerCase();
    const value = phrase ?? word;
    const isExcluded = minus === "-";
    if (EXACT.includes(name) && value.trim() !== "") {
      terms.push({ isExcluded, exact: name, value: value.trim() });
      continue;
    }
    const column = Object.hasOwn(FIELDS, name) ? FIELDS[name] : null;
    const words = spaced(name !== "" && column === null ? `${field} ${value}` : value);
    if (words.trim() === "") continue;
    const isPrefix = value.trimEnd().endsWith("*") || BY_BEGINNING.includes(column);
    terms.push({ isExcluded, column, words: isPrefix ? words.trimEnd() : words });
  }
  return terms;
}

// Whether a job has what was typed. `texts` has its texts by column, and as `others` what the mirror
// does not search: ids and errors, which are found by whole words. `exact` has lists of values.
function isFound(terms, texts, exact) {
  return terms.every((term) => {
    let has;
    if (term.exact === "status") {
      const word = term.value.toLowerCase();
      has = exact.status.includes(STATUS_WORDS[word] ?? word);
    } else if (term.exact !== undefined) {
      has = exact[term.exact].includes(term.value);
    } else if (term.column === null) {
      has = COLUMNS.some((column) => texts[column].includes(term.words))
        || (term.words.endsWith(" ") && texts.others.includes(term.words));
    } else {
      has = texts[term.column].includes(term.words);
    }
    return has !== term.isExcluded;
  });
}
