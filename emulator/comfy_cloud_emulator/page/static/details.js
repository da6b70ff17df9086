// The dialog with the details of one job or one request. The address says which, so it can be shared.

import { byId, make, set, setText, show } from "./dom.js";
import { copyButton } from "./copying.js";
import { bytes, dateAndTime, duration, number, plural } from "./format.js";
import { read } from "./searching.js";

const dialog = byId("details");
const content = byId("details-content");
const KINDS = { job: ["jobs", "Job", drawJob], request: ["requests", "Request", drawRequest] };
let opened = null; // { kind, id }, or null
let mark = null;
let drawn = "";

/** A button in a list that opens the details of an item. */
export function opener(kind, id, attributes, ...children) {
  return make("button", { type: "button", ...attributes, on: { click: () => open(kind, id) } }, ...children);
}

function open(kind, id) {
  // A new entry of the browser's history, so that "back" closes the dialog.
  location.hash = `${kind}=${encodeURIComponent(id)}`;
}

/** Load the open job again when it changed; `jobs` are those in the list. */
export function refreshJob(jobs) {
  if (opened?.kind !== "job") return;
  const job = jobs.find((each) => each.id === opened.id);
  const changed = job && `${job.status} ${job.started} ${job.ended}`;
  if (changed && changed !== mark) {
    mark = changed;
    load();
  }
}

function showAddressed() {
  const [, kind, id] = location.hash.match(/^#(job|request)=(.+)$/) ?? [];
  let plain = null;
  try {
    plain = id && decodeURIComponent(id);
  } catch {
    // a broken address opens nothing
  }
  if (!plain) {
    if (dialog.open) dialog.close();
    return;
  }
  opened = { kind, id: plain };
  mark = null;
  drawn = "";
  content.replaceChildren();
  setText(byId("details-title"), KINDS[kind][1]);
  show(byId("details-problem"), false);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  load();
}

async function load() {
  const mine = opened;
  const [path, , draw] = KINDS[mine.kind];
  const found = await read(`${path}/${encodeURIComponent(mine.id)}`);
  if (mine !== opened) return;
  show(byId("details-problem"), Boolean(found.problem));
  setText(byId("details-problem"), found.problem ?? "");
  const value = JSON.stringify(found);
  if (found.problem || value === drawn) return;
  drawn = value;
  const unfolded = new Set([...content.querySelectorAll("details[open]")].map((each) => each.dataset.name));
  content.replaceChildren(...draw(found).filter(Boolean));
  for (const each of content.querySelectorAll("details")) if (unfolded.has(each.dataset.name)) each.open = true;
}

dialog.addEventListener("close", () => {
  opened = null;
  content.replaceChildren();
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
});
byId("details-close").addEventListener("click", () => dialog.close());
// A click beside the dialog closes it, as Escape does.
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
window.addEventListener("hashchange", showAddressed);

/** Open what the address says; called once, when the page is there. */
export function openAddressed() {
  showAddressed();
}

// Jobs

function drawJob(job) {
  setText(byId("details-title"), `Job ${job.id.slice(0, 8)}`);
  const ran = job.started !== null && job.ended !== null ? duration(job.ended - job.started) : null;
  return [
    facts([
      ["Id", job.id, true],
      ["Status", `${job.status}${job.state && job.state !== job.status ? ` (${job.state})` : ""}`],
      ["Number", number(job.number)],
      ["Created", dateAndTime(job.created)],
      ["Started", job.started === null ? null : `${dateAndTime(job.started)}, after ${duration(job.started - job.created)}`],
      ["Ended", job.ended === null ? null : dateAndTime(job.ended)],
      ["Ran for", ran],
      ["Workflow id", job.workflow_id],
    ]),
    buttons(
      copyButton("Copy id", "Job id", () => job.id),
      copyButton("Copy workflow", "Workflow", () => job.graph.text),
    ),
    job.error && text("Error", job.error, "error", true),
    job.outputs.length > 0 && block(`Outputs (${number(job.outputs_count)})`, outputs(job)),
    job.events.length > 0 && block(`Timeline (${plural(job.events_count, "event")})`, timeline(job), "timeline"),
    text("Workflow, in API format", job.graph, "graph", false),
  ];
}

function outputs(job) {
  const rows = job.outputs.map((output) => {
    const where = make("span", { class: "quiet", text: `node ${output.node}, ${output.kind}` });
    if (!output.file) return make("li", {}, make("span", { text: output.text }), where);
    const address = `/_emulator/page/files/${encodeURIComponent(output.file)}`;
    const image = output.family === "image"
      ? make("img", { src: `/_emulator/page/thumbnails/${encodeURIComponent(output.file)}`, alt: "", loading: "lazy" })
      : null;
    image?.addEventListener("error", () => image.remove());
    return make("li", {}, image, make("a", { href: address, target: "_blank", rel: "noopener", text: output.file }), where);
  });
  const more = job.outputs_count - job.outputs.length;
  if (more > 0) rows.push(make("li", { class: "quiet", text: `and ${number(more)} more` }));
  return make("ul", { class: "outputs" }, ...rows);
}

function timeline(job) {
  const first = job.created;
  const rows = job.events.map(({ name, at, node, cached }) =>
    make(
      "li",
      {},
      make("span", { class: "mono", text: at === null ? "" : `+${duration(at - first)}` }),
      make("span", { text: name }),
      make("span", { class: "quiet", text: node ? `node ${node}` : cached !== null ? plural(cached, "cached node") : "" }),
    ),
  );
  const more = job.events_count - job.events.length;
  if (more > 0) rows.unshift(make("li", { class: "quiet", text: `${number(more)} earlier events are left out` }));
  return make("ol", { class: "timeline" }, ...rows);
}

// Requests

function drawRequest(request) {
  setText(byId("details-title"), `${request.method} ${request.address.split("?")[0].slice(0, 80)}`);
  return [
    facts([
      ["Address", request.address, true],
      ["Status", request.status === null ? (request.seconds === null ? "no response yet" : "broken off") : String(request.status)],
      ["Fault", request.fault],
      ["Account", request.account],
      ["Arrived", dateAndTime(request.started * 1000)],
      ["Took", request.seconds === null ? null : duration(request.seconds * 1000)],
    ]),
    buttons(
      copyButton("Copy address", "Address", () => request.address),
      request.curl && copyButton("Copy as curl", "Command", () => request.curl),
      request.body && copyButton("Copy body", "Body", () => request.body.text),
    ),
    block(
      "Headers",
      make("dl", { class: "pairs mono" }, ...request.headers.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })])),
      "headers",
    ),
    request.body && text(`Body (${bytes(request.body.text.length)} of text)`, request.body, "body", true),
  ];
}

// Parts

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make(
    "dl",
    { class: "pairs" },
    ...known.flatMap(([name, value, isCode]) => [make("dt", { text: name }), make("dd", { class: isCode ? "mono" : null, text: value })]),
  );
}

function buttons(...them) {
  return make("p", { class: "buttons" }, ...them);
}

function block(title, element, name = "") {
  return make("section", { "data-name": name }, make("h3", { text: title }), element);
}

function text(title, { text: value, is_cut: isCut }, name, isOpen) {
  const area = make("pre", { class: "mono", tabindex: 0, role: "region", "aria-label": title, text: value });
  const note = isCut ? make("p", { class: "quiet", text: "The end is left out here." }) : null;
  const element = make("details", { "data-name": name }, make("summary", { text: title }), area, note);
  set(element, "open", isOpen);
  return element;
}
