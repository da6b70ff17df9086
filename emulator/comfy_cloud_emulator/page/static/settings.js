// Time, account and quirks.

import { byId, make, set, setText, show } from "./dom.js";
import { dateAndTime, number } from "./format.js";
import { callControl } from "./control.js";

let time = { kind: "real", speed: 1, now: Date.now() / 1000 };
let receivedAt = performance.now();

export function showTime(value) {
  time = value;
  receivedAt = performance.now();
  const isVirtual = value.kind === "virtual";
  setText(byId("time-kind"), isVirtual ? "virtual" : value.speed === 1 ? "real" : `${number(value.speed)}× speed`);
  set(byId("time-kind"), "data-virtual", isVirtual);
  const clock = byId("clock");
  setText(clock, dateAndTime(value.now * 1000));
  set(clock, "datetime", new Date(value.now * 1000).toISOString());
}

/** The emulated instant in milliseconds, extrapolated between updates. */
export function now() {
  const passed = time.kind === "virtual" ? 0 : Math.min(performance.now() - receivedAt, 2000) * time.speed;
  return time.now * 1000 + passed;
}

export function showAccount({ tier, concurrent_jobs: places, credits, subscription_active: isActive, quirks }) {
  setText(byId("tier"), tier);
  setText(byId("account-places"), number(places));
  setText(byId("account-credits"), credits === null ? "unlimited" : number(credits));
  set(byId("account-credits"), "data-empty", credits === 0);
  setText(byId("account-subscription"), isActive ? "active" : "not active");
  set(byId("account-subscription"), "data-empty", !isActive);
  const names = Object.keys(quirks);
  fill(byId("quirks-on"), names.filter((name) => quirks[name]));
  fill(byId("quirks-off"), names.filter((name) => !quirks[name]));
}

function fill(container, names) {
  const shown = names.map((name) => make("li", { text: name.replaceAll("_", " "), title: name }));
  container.replaceChildren(...(shown.length ? shown : [make("li", { class: "quiet", text: "none" })]));
}

byId("time-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await callControl("POST", "time", { advance: Number(event.submitter.value) });
  show(byId("time-problem"), problem !== null);
  setText(byId("time-problem"), problem);
});
