// Time, account and quirks.

import { byId, make, say, set, show } from "./dom.js";
import { dateAndTime, number } from "./format.js";
import { ask } from "./control.js";

let time = { kind: "real", speed: 1, now: Date.now() / 1000 };
let heard = performance.now();

export function showTime(value) {
  time = value;
  heard = performance.now();
  const isVirtual = value.kind === "virtual";
  say(byId("time-kind"), isVirtual ? "stands still" : value.speed === 1 ? "real" : `${number(value.speed)} times as fast`);
  set(byId("time-kind"), "data-virtual", isVirtual);
  const clock = byId("clock");
  say(clock, dateAndTime(value.now * 1000));
  set(clock, "datetime", new Date(value.now * 1000).toISOString());
}

/** The emulated instant in milliseconds, between two words about it too. */
export function now() {
  const passed = time.kind === "virtual" ? 0 : Math.min(performance.now() - heard, 2000) * time.speed;
  return time.now * 1000 + passed;
}

export function showAccount({ tier, concurrent_jobs: places, credits, subscription_active: isActive, quirks }) {
  say(byId("tier"), tier);
  say(byId("account-places"), number(places));
  say(byId("account-credits"), credits === null ? "without limit" : number(credits));
  set(byId("account-credits"), "data-empty", credits === 0);
  say(byId("account-subscription"), isActive ? "active" : "not active");
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
  const problem = await ask("POST", "time", { advance: Number(event.submitter.value) });
  show(byId("time-problem"), problem !== null);
  say(byId("time-problem"), problem);
});
