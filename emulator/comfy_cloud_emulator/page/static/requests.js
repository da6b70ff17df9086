// The latest requests, newest first. Rows come as changes; the emulator limits their number.

import { byId, list, make, set, setText, show } from "./dom.js";
import { opener } from "./details.js";
import { duration, timeOfDay } from "./format.js";
import { matches, onSearch } from "./searching.js";

const known = new Map();
let ids = [];
let isPaused = false;
let onlyErrors = false;
let isPlanned = false;
let words = [];

export function showRequests(value) {
  for (const row of value.rows) known.set(row.id, row);
  ids = value.ids;
  const kept = new Set(ids);
  for (const id of known.keys()) if (!kept.has(id)) known.delete(id);
  if (isPaused || isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(draw);
}

byId("request-pause").addEventListener("click", (event) => {
  isPaused = !isPaused;
  set(event.target, "aria-pressed", String(isPaused));
  setText(event.target, isPaused ? "Resume" : "Pause");
  if (!isPaused) draw();
});

byId("request-errors").addEventListener("change", (event) => {
  onlyErrors = event.target.checked;
  draw();
});

onSearch("request-search", (searched) => {
  words = searched;
  draw();
});

function draw() {
  isPlanned = false;
  const shown = ids.map((id) => known.get(id)).filter((row) => row && (!onlyErrors || isFailure(row)) && isSearched(row));
  rows(shown);
  show(byId("request-none"), !shown.length);
  show(byId("request-table"), shown.length > 0);
  setText(byId("request-none"), noneText());
}

function noneText() {
  if (!ids.length) return "No requests yet.";
  return words.length ? "None of the latest requests matches." : "None of the latest requests failed.";
}

const isSearched = (row) => !words.length || matches(words, `${row.method} ${row.path} ${statusOf(row)} ${row.fault ?? ""}`);
const isOver = (row) => row.seconds !== null;
const isFailure = (row) => (row.status === null ? isOver(row) : row.status >= 400);

const rows = list(byId("request-list"), (row) => row.id, (row) => {
  const at = make("td", { class: "at quiet", text: timeOfDay(row.started * 1000) });
  const method = make("td", { class: "method", text: row.method });
  const path = opener("request", row.id, { class: "path link", text: row.path, title: row.path });
  const fault = make("span", { class: "fault-mark", hidden: true });
  const status = make("td", { class: "status" });
  const took = make("td", { class: "took" });
  const element = make("tr", {}, at, method, make("td", { class: "where" }, path, fault), status, took);
  function update(changed) {
    setText(status, statusOf(changed));
    set(element, "data-kind", kindOf(changed));
    setText(took, isOver(changed) ? duration(changed.seconds * 1000) : "");
    show(fault, changed.fault !== null);
    setText(fault, changed.fault === null ? "" : `fault: ${changed.fault}`);
  }
  return { element, update };
});

function statusOf(row) {
  if (row.status === 101) return isOver(row) ? "closed" : "open";
  if (row.status === null) return isOver(row) ? "broken off" : "…";
  return String(row.status);
}

function kindOf(row) {
  if (row.status === null) return isOver(row) ? "broken" : "open";
  return `${Math.floor(row.status / 100)}xx`;
}
