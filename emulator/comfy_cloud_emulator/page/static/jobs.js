// The jobs: running ones with node, steps and a preview image, waiting ones, and the rest.

import { byId, list, make, set, setText, show } from "./dom.js";
import { opener, refreshJob } from "./details.js";
import { duration, moment, number } from "./format.js";
import { onRemoteSearch } from "./searching.js";
import { now } from "./settings.js";

const STATUS_NAMES = {
  pending: "waiting",
  in_progress: "running",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
};
const GLYPHS = { pending: "⋯", in_progress: "▸", completed: "✓", failed: "!", cancelled: "×" };
const KINDS = { image: "✓", video: "video", audio: "audio", model: "3D", text: "text" };
const FILTERS = {
  all: () => true,
  open: (job) => job.status === "pending" || job.status === "in_progress",
  completed: (job) => job.status === "completed",
  failed: (job) => job.status === "failed",
};

let section = null;
let progress = {};
let filter = "all";
let found = null; // what a search found, or null without one

const searchAgain = onRemoteSearch("job-search", "jobs", (value) => {
  found = value;
  draw();
});

export function showJobs(value) {
  section = value;
  refreshJob(value.jobs);
  searchAgain();
  draw();
}

export function showProgress(value) {
  progress = value;
  draw();
}

byId("job-filter").addEventListener("change", (event) => {
  filter = event.target.value;
  draw();
});

function draw() {
  if (!section) return;
  const line = section.jobs.filter((job) => job.status === "pending").sort((one, other) => one.number - other.number);
  const positions = new Map(line.map((job, index) => [job.id, index + 1]));
  const shown = (found ? (found.jobs ?? []) : section.jobs).filter(FILTERS[filter]).sort(order);
  rows(shown.map((job) => ({ job, at: progress[job.id], position: positions.get(job.id) })));
  const all = Object.values(section.counts).reduce((sum, count) => sum + count, 0);
  show(byId("job-none"), !shown.length);
  setText(byId("job-none"), noneText(all));
  show(byId("job-more"), found ? Boolean(found.more) : all > section.jobs.length);
  setText(byId("job-more"), found ? "More jobs match; these are the newest." : `The newest ${number(section.jobs.length)} of ${number(all)}.`);
}

function noneText(all) {
  if (found?.problem) return found.problem;
  if (found) return "No job matches.";
  return all ? "None of the newest jobs matches." : "No jobs yet. Submit one with POST /api/prompt.";
}

// Running jobs first, then waiting ones in the order in which they will start, then the rest by age.
const RANKS = { in_progress: 0, pending: 1 };
function order(one, other) {
  const ranks = (RANKS[one.status] ?? 2) - (RANKS[other.status] ?? 2);
  if (ranks) return ranks;
  return one.status === "pending" ? one.number - other.number : other.created - one.created || other.number - one.number;
}

const rows = list(byId("job-list"), (item) => item.job.id, (item) => {
  const glyph = make("span", { class: "glyph" });
  const image = make("img", { alt: "", loading: "lazy", decoding: "async", hidden: true, on: { error: () => show(image, false) } });
  const chip = make("span", { class: "chip" });
  const words = opener("job", item.job.id, { class: "words link" });
  const bar = make("progress", { max: 1, value: 0 });
  const step = make("span", { class: "step mono" });
  const node = make("span", { class: "node" });
  const work = make("div", { class: "work" }, node, step, bar);
  const error = make("p", { class: "error" });
  const facts = make("p", { class: "facts-line quiet" });
  const element = make(
    "li",
    { class: "job" },
    make("div", { class: "thumb" }, glyph, image),
    make("div", { class: "body" }, make("p", { class: "title" }, chip, words), work, error, facts),
  );

  function update({ job, at, position }) {
    set(element, "data-status", job.status);
    set(element, "data-moves", job.moves);
    setText(chip, STATUS_NAMES[job.status] ?? job.status);
    setText(glyph, (job.status === "completed" && KINDS[job.kind]) || (GLYPHS[job.status] ?? ""));
    set(glyph, "data-word", glyph.textContent.length > 1);
    setText(words, job.words || "a workflow");
    set(words, "title", job.words);
    showImage(image, source(job, at));
    const runs = job.status === "in_progress";
    show(work, runs && Boolean(at));
    if (runs && at) {
      setText(node, at.node === null ? "starting" : (job.names[at.node] ?? `node ${at.node}`));
      setText(step, at.max > 1 ? `${at.value} / ${at.max}` : "");
      set(bar, "max", Math.max(1, job.nodes));
      bar.value = Math.min(job.nodes, at.finished + (at.max ? at.value / at.max : 0));
      set(bar, "aria-label", `Progress of job ${job.id.slice(0, 8)}`);
    }
    show(error, Boolean(job.error) || Boolean(job.text));
    setText(error, job.error ? failure(job.error) : job.text);
    set(error, "data-text", !job.error);
    setText(facts, factsOf(job, position));
    set(facts, "title", job.id);
  }
  return { element, update };
});

function source(job, at) {
  if (at?.picture) return `/_emulator/page/progress/${encodeURIComponent(job.id)}?${at.picture}`;
  return job.kind === "image" && job.file ? `/_emulator/page/thumbnails/${encodeURIComponent(job.file)}` : null;
}

function showImage(image, wanted) {
  if ((image.dataset.source ?? null) === wanted) return;
  if (wanted === null) {
    delete image.dataset.source;
    image.removeAttribute("src");
  } else {
    image.dataset.source = wanted;
    image.src = wanted;
  }
  show(image, wanted !== null);
}

function failure({ type, message, node_id: id, node_type: name }) {
  const where = name ? ` at ${name}${id ? ` (${id})` : ""}` : "";
  return `${type || "Error"}${where}${message ? `: ${message}` : ""}`;
}

function factsOf(job, position) {
  const facts = [job.id.slice(0, 8), moment(job.created, now())];
  if (job.status === "pending") {
    facts.push(job.moves ? linePosition(position) : "seeded, never starts");
  } else if (job.status === "in_progress") {
    if (!job.moves) facts.push("seeded, never ends");
    else if (job.started !== null) facts.push(`for ${duration(Math.max(1000, now() - job.started))}`);
  } else {
    if (job.started !== null && job.ended !== null) facts.push(`ran ${duration(job.ended - job.started)}`);
    if (job.outputs > 1) facts.push(`${number(job.outputs)} outputs`);
  }
  return facts.join("  ·  ");
}

function linePosition(position) {
  return position === 1 ? "next in line" : `number ${number(position)} in line`;
}

// The duration of running jobs grows between updates.
setInterval(() => {
  if (!document.hidden && section?.jobs.some((job) => job.status === "in_progress" && job.moves)) draw();
}, 500);
