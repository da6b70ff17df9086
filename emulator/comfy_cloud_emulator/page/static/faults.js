// The faults to come, and the forms that add them.

import { byId, list, make, say, set, show } from "./dom.js";
import { number, plural } from "./format.js";
import { ask } from "./control.js";
import { CHOOSING, FAILURES, FIELDS, GROUPS } from "./fault_kinds.js";

const KINDS = Object.assign({}, ...Object.values(GROUPS));
const kind = byId("fault-kind");
const fields = byId("fault-fields");

export function showFaults({ count, faults }) {
  say(byId("fault-count"), number(count));
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
    say(where, [fault.method, fault.path ?? anywhere].filter(Boolean).join(" "));
    const facts = [hits === null ? "for good" : `${plural(hits, "time")} left`];
    if (skips) facts.push(`passes ${number(skips)} first`);
    say(left, [...detailsOf(fault), ...facts].join(" · "));
    set(remove, "aria-label", `Remove the fault ${fault.kind}`);
  }
  return { element, update };
});

function detailsOf(fault) {
  const shown = Object.keys(fault).filter((name) => !["kind", "times", "content_type", ...CHOOSING].includes(name));
  return shown.map((name) => FIELDS[name]?.tells?.(fault[name]) ?? `${name} ${fault[name]}`);
}

async function drop(id) {
  // One that hit in the meantime is gone as wished.
  await ask("DELETE", `faults/${id}`);
}

byId("fault-clear").addEventListener("click", () => ask("DELETE", "faults"));

// The form

function drawFields() {
  const { says, fields: own, given = {}, without = [] } = KINDS[kind.value];
  say(byId("fault-says"), says);
  const names = [...own, ...CHOOSING.filter((name) => !without.includes(name))];
  fields.replaceChildren(...names.map((name) => field(name, given[name] ?? FIELDS[name].given ?? "")));
}

function field(name, given) {
  const { label, choices, type = "text", least, most, step, empty, list: known, width = "" } = FIELDS[name];
  const input = choices
    ? make("select", { name }, ...choices.map((choice) => make("option", { value: choice, text: choice || empty })))
    : make("input", {
        name, type, min: least, max: most, step, value: given, list: known, placeholder: empty,
        autocomplete: "off", spellcheck: "false",
      });
  return make("label", { class: `field ${width}` }, make("span", { text: label }), input);
}

/** The fault that the form describes. An empty field is left away, but no count means for good. */
function described() {
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
  const problem = unreadable ? `${FIELDS[unreadable.name].label}: a number, please.` : await ask("POST", "faults", described());
  show(byId("fault-problem"), problem !== null);
  say(byId("fault-problem"), problem);
  if (problem === null) drawFields();
});

// Failures of jobs

byId("failure-type").append(...FAILURES.map((name) => make("option", { value: name, text: name })));

byId("failure-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const node = form.elements.node.value.trim();
  const type = form.elements.exception_type.value;
  const problem = await ask("POST", "failures", node ? { exception_type: type, node } : { exception_type: type });
  say(byId("failure-told"), problem ?? `The next job ${node ? `with the node ${node} ` : ""}fails with ${type}.`);
});
