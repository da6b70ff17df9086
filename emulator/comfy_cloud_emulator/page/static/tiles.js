// The row of numbers on top, and the strip of requests per second.

import { byId, make, say, set } from "./dom.js";
import { number, plural } from "./format.js";

const SECONDS = 60;
const WIDTH = 180 / SECONDS;
const HEIGHT = 34;
const bars = [];
const rates = new Array(SECONDS).fill(0);
let second = Math.floor(performance.now() / 1000);
let counted = null;

const spark = byId("spark");
for (let place = 0; place < SECONDS; place += 1) {
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  set(bar, "x", place * WIDTH);
  set(bar, "width", WIDTH - 0.8);
  set(bar, "rx", 0.6);
  bars.push(bar);
}
spark.append(...bars);

export function showCounts({ counts, places, places_taken: taken, most_waiting: most }) {
  say(byId("tile-places"), `${taken} of ${places}`);
  const dots = byId("tile-dots");
  if (dots.childElementCount !== places) {
    dots.replaceChildren(...Array.from({ length: places }, () => make("span")));
  }
  [...dots.children].forEach((dot, place) => set(dot, "data-taken", place < taken));
  const waiting = counts.pending ?? 0;
  say(byId("tile-waiting"), number(waiting));
  set(byId("tile-waiting"), "title", `${most} may wait`);
  set(byId("tile-waiting"), "data-full", waiting >= most);
  say(byId("tile-completed"), number(counts.completed ?? 0));
  say(byId("tile-failed"), number(counts.failed ?? 0));
  set(byId("tile-failed"), "data-some", (counts.failed ?? 0) > 0);
}

/** Count what came in since the last time. */
export function countRequests({ count }) {
  move();
  // The first word after an opening tells of requests that nobody saw come in.
  if (counted !== null && count > counted) rates[SECONDS - 1] += count - counted;
  counted = count;
  say(byId("tile-requests"), number(count));
  draw();
}

/** What happened while the stream was closed has no place in the strip. */
export function forgetRates() {
  counted = null;
}

function move() {
  const now = Math.floor(performance.now() / 1000);
  for (; second < now; second += 1) {
    rates.shift();
    rates.push(0);
    if (now - second > 2 * SECONDS) second = now - SECONDS;
  }
}

function draw() {
  const most = Math.max(5, ...rates);
  rates.forEach((rate, place) => {
    const height = rate ? Math.max(2, (rate / most) * HEIGHT) : 1;
    set(bars[place], "y", (HEIGHT - height).toFixed(1));
    set(bars[place], "height", height.toFixed(1));
    set(bars[place], "data-some", rate > 0);
  });
  set(spark.parentElement, "title", `${plural(rates[SECONDS - 2], "request")} in the last full second`);
}

setInterval(() => {
  if (document.hidden) return;
  move();
  draw();
}, 1000);
