// The pending faults, and the forms that add faults and failures.

import { byId, list, make, set, setText, show } from "./dom.js";
import { number, plural } from "./format.js";
import { callControl } from "./control.js";
import { CHOOSING, FAILURES, FIELDS, GROUPS } from "./fault_kinds.js";

const KINDS = Object.assign({}, ...Object.values(GROUPS));
const kind = byId("fault-kind");
const fields = byId("fault-fields");

export function showFaults({ count, faults }) {
  setText(byId("fault-count"), number(count));
  show(byId("fault-none"), !count);
  byId("fault-clear").disabled = !count;
  rows(faults);
}

const rows = list(byId("fault-list"), (item) => item.id, (item) => {
  const name = make("span", { class: "chip", text: item.fault.kind });
  const where = make("span", { class: "where mono" });
  const left = make("span", { class: "quiet" });
  const remove = make("button", { type: "button", class: "small", text: "Remove", on: { click: () => drop(item.id) } });
  const element = make("li", { class: "fault" }, name, make("div", { class: "body" }, where, left), remove);
  function update({ fault, skips_left: skips, hits_left: hits }) {
    const anywhere = fault.kind.startsWith("socket_") ? "any websocket" : "any path";
    setText(where, [fault.method, fault.path ?? anywhere].filter(Boolean).join(" "));
    const facts = [hits === null ? "always" : `${plural(hits, "time")} left`];
    if (skips) facts.push(`skips ${number(skips)} first`);
    setText(left, [...detailsOf(fault), ...facts].join(" · "));
    set(remove, "aria-label", `Remove the fault ${fault.kind}`);
  }
  return { element, update };
});

function detailsOf(fault) {
  const shown = Object.keys(fault).filter((name) => !["kind", "times", "content_type", ...CHOOSING].includes(name));
  return shown.map((name) => FIELDS[name]?.detail?.(fault[name]) ?? `${name} ${fault[name]}`);
}

async function drop(id) {
  // If it has hit in the meantime, it is gone as well.
  await callControl("DELETE", `faults/${id}`);
}

byId("fault-clear").addEventListener("click", () => callControl("DELETE", "faults"));

// The form

function drawFields() {
  const { summary, fields: own, initial = {}, without = [] } = KINDS[kind.value];
  setText(byId("fault-summary"), summary);
  const names = [...own, ...CHOOSING.filter((name) => !without.includes(name))];
  fields.replaceChildren(...names.map((name) => field(name, initial[name] ?? FIELDS[name].initial ?? "")));
}

function field(name, initial) {
  const { label, choices, type = "text", least, most, step, empty, list: known, width = "" } = FIELDS[name];
  const input = choices
    ? make("select", { name }, ...choices.map((choice) => make("option", { value: choice, text: choice || empty })))
    : make("input", {
        name, type, min: least, max: most, step, value: initial, list: known, placeholder: empty,
        autocomplete: "off", spellcheck: "false",
      });
  return make("label", { class: `field ${width}` }, make("span", { text: label }), input);
}

/** The fault in the form. Empty fields are left out; an empty number of times means always. */
function faultInForm() {
  const fault = { kind: kind.value };
  for (const input of fields.querySelectorAll("input, select")) {
    const value = input.value.trim();
    if (input.name === "times" && !value) fault.times = null;
    else if (value) fault[input.name] = input.type === "number" ? Number(value) : value;
  }
  return fault;
}

kind.append(
  ...Object.entries(GROUPS).map(([label, kinds]) =>
    make("optgroup", { label }, ...Object.keys(kinds).map((name) => make("option", { value: name, text: name.replaceAll("_", " ") }))),
  ),
);
kind.addEventListener("change", drawFields);
drawFields();

byId("fault-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const unreadable = [...fields.querySelectorAll("input")].find((input) => input.validity.badInput);
  const problem = unreadable ? `${FIELDS[unreadable.name].label}: enter a number.` : await callControl("POST", "faults", faultInForm());
  show(byId("fault-problem"), problem !== null);
  setText(byId("fault-problem"), problem);
  if (problem === null) drawFields();
});

// Failures of jobs

byId("failure-type").append(...FAILURES.map((name) => make("option", { value: name, text: name })));

byId("failure-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const node = form.elements.node.value.trim();
  const type = form.elements.exception_type.value;
  const problem = await callControl("POST", "failures", node ? { exception_type: type, node } : { exception_type: type });
  setText(byId("failure-message"), problem ?? `The next job ${node ? `with the node ${node} ` : ""}fails with ${type}.`);
});
