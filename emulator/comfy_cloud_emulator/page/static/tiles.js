// The row of numbers at the top, and the chart of requests per second.

import { byId, make, set, setText } from "./dom.js";
import { number, plural } from "./format.js";

const SECONDS = 60;
const WIDTH = 180 / SECONDS;
const HEIGHT = 34;
const bars = [];
const rates = new Array(SECONDS).fill(0);
let second = Math.floor(performance.now() / 1000);
let counted = null;

const spark = byId("spark");
for (let index = 0; index < SECONDS; index += 1) {
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  set(bar, "x", index * WIDTH);
  set(bar, "width", WIDTH - 0.8);
  set(bar, "rx", 0.6);
  bars.push(bar);
}
spark.append(...bars);

export function showCounts({ counts, places, places_taken: taken, most_waiting: most }) {
  setText(byId("tile-places"), `${taken} of ${places}`);
  const dots = byId("tile-dots");
  if (dots.childElementCount !== places) {
    dots.replaceChildren(...Array.from({ length: places }, () => make("span")));
  }
  [...dots.children].forEach((dot, index) => set(dot, "data-taken", index < taken));
  const waiting = counts.pending ?? 0;
  setText(byId("tile-waiting"), number(waiting));
  set(byId("tile-waiting"), "title", `at most ${most} may wait`);
  set(byId("tile-waiting"), "data-full", waiting >= most);
  setText(byId("tile-completed"), number(counts.completed ?? 0));
  setText(byId("tile-failed"), number(counts.failed ?? 0));
  set(byId("tile-failed"), "data-some", (counts.failed ?? 0) > 0);
}

/** Count the requests since the last update. */
export function countRequests({ count }) {
  move();
  // The first update after a connect includes older requests.
  if (counted !== null && count > counted) rates[SECONDS - 1] += count - counted;
  counted = count;
  setText(byId("tile-requests"), number(count));
  draw();
}

/** Requests made while the stream was closed do not appear in the chart. */
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
  rates.forEach((rate, index) => {
    const height = rate ? Math.max(2, (rate / most) * HEIGHT) : 1;
    set(bars[index], "y", (HEIGHT - height).toFixed(1));
    set(bars[index], "height", height.toFixed(1));
    set(bars[index], "data-some", rate > 0);
  });
  set(spark.parentElement, "title", `${plural(rates[SECONDS - 2], "request")} in the last full second`);
}

setInterval(() => {
  if (document.hidden) return;
  move();
  draw();
}, 1000);
