// The figures over time, drawn by uPlot, and in words and a table for those who do not see them.

const MOST_BINS = 60;
const WIDTHS = [1, 2, 7, 14, 30, 91, 365, 1826];  // days
const DAY_MS = 86400000;
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function dayStart(ms) {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

// The jobs in bins of so many days: at most MOST_BINS, oldest first.
function bins(jobs) {
  const dated = jobs.filter((job) => isInstant(job.when));
  if (dated.length === 0) return { days: 1, bins: [] };
  let oldest = Infinity;
  let newest = -Infinity;
  for (const job of dated) {
    oldest = Math.min(oldest, job.when);
    newest = Math.max(newest, job.when);
  }
  const start = dayStart(oldest);
  const span = (newest - start) / DAY_MS;
  const days = WIDTHS.find((width) => span / width < MOST_BINS) ?? Math.ceil((span + 1) / MOST_BINS);
  const count = Math.floor(span / days) + 1;
  const made = Array.from({ length: count }, (_, index) => ({ at: start + index * days * DAY_MS, jobs: [] }));
  for (const job of dated) made[Math.min(count - 1, Math.floor((job.when - start) / (days * DAY_MS)))].jobs.push(job);
  return { days, bins: made };
}

function binWord(days) {
  if (days === 1) return "day";
  return days === 7 ? "week" : `${days} days`;
}

class Charts {
  constructor() {
    this.plots = [];
    this.jobs = [];
    // On a phone the jobs come first.
    byId("charts").open = innerWidth > 760;
    const redraw = () => this.redraw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    byId("charts").addEventListener("toggle", redraw);
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(this.later);
      this.later = setTimeout(redraw, 150);
    });
  }

  show(jobs) {
    this.jobs = jobs;
    this.redraw();
  }

  redraw() {
    for (const plot of this.plots) plot.destroy();
    this.plots = [];
    if (!byId("charts").open) return;
    const { days, bins: found } = bins(this.jobs);
    const rows = found.map(({ at, jobs }) => {
      const queue = sortedNumbers(jobs, "queue");
      const run = sortedNumbers(jobs, "run");
      return {
        at, total: jobs.length, failed: jobs.filter((job) => job.status === "failed").length,
        queue: quantile(queue, 0.5), run: quantile(run, 0.5), slow: quantile(run, 0.95), success: successRate(jobs),
      };
    });
    this.drawTimes(rows);
    this.drawCounts(rows, days);
    this.drawSuccess(rows);
    this.showFailures();
    this.fillTable(rows, days);
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      text: value("quiet"), line: value("line"), run: value("accent"), queue: value("amber"), slow: value("violet"),
      failed: value("red"), success: value("green"), soft: value("accent-soft"), failedSoft: value("red-soft"),
    };
  }

  plot(id, rows, series, options) {
    const root = byId(`${id}-plot`);
    if (rows.length === 0) return;
    const colours = this.colours();
    const axis = { stroke: colours.text, grid: { stroke: colours.line, width: 1 }, ticks: { stroke: colours.line, width: 1 } };
    const dates = {
      ...axis, space: 64, incrs: [1, 2, 3, 7, 14, 30, 61, 91, 182, 365, 730, 1826].map((days) => days * 86400),
      values: (_, ticks) => ticks.map((tick) => SHORT_DAY.format(tick * 1000)),
    };
    const times = rows.map((row) => row.at / 1000);
    const width = rows.length > 1 ? times[1] - times[0] : 86400;
    this.plots.push(new uPlot({
      width: Math.max(200, root.clientWidth), height: root.clientHeight - 32,
      scales: { x: { time: true, range: [times[0] - width / 2, times.at(-1) + width / 2] }, y: { range: options.range } },
      axes: [dates, { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : options.format(tick))) }],
      legend: { live: true },
      cursor: { drag: { x: false, y: false } },
      series: [
        { label: "from", value: (_, at) => (at === null ? "" : SHORT_DAY.format(at * 1000)) },
        ...series.map(({ name, colour, fill, isBar }) => ({
          label: name, stroke: colours[colour], fill: fill ? colours[fill] : undefined, width: 2, spanGaps: true,
          points: isBar ? { show: false } : { show: rows.length < 40, size: 5 },
          paths: isBar ? uPlot.paths.bars({ size: [0.8, 48] }) : undefined,
          value: (_, value) => (value === null ? "–" : options.format(value)),
        })),
      ],
    }, [times, ...series.map(({ key }) => rows.map((row) => row[key]))], root));
  }

  drawTimes(rows) {
    this.plot("times", rows, [
      { name: "run", key: "run", colour: "run" },
      { name: "queue", key: "queue", colour: "queue" },
    ], { format: secondsText, range: (_, low, high) => [0, Math.max(1, (high || 0) * 1.1)] });
    const run = sortedNumbers(this.jobs, "run");
    const queue = sortedNumbers(this.jobs, "queue");
    byId("times-text").textContent = run.length === 0
      ? "No run times among these jobs."
      : `Half of the jobs ran in ${secondsText(quantile(run, 0.5))} or less and waited ${secondsText(quantile(queue, 0.5))} or less; `
        + `the longest ran ${secondsText(run.at(-1))}.`;
  }

  drawCounts(rows, days) {
    this.plot("counts", rows, [
      { name: "jobs", key: "total", colour: "run", fill: "soft", isBar: true },
      { name: "failed", key: "failed", colour: "failed", fill: "failedSoft", isBar: true },
    ], { format: (value) => (Number.isInteger(value) ? NUMBER.format(value) : ""), range: (_, low, high) => [0, Math.max(1, (high || 0) * 1.1)] });
    const busiest = rows.reduce((most, row) => (most === null || row.total > most.total ? row : most), null);
    byId("counts-text").textContent = busiest === null
      ? "No jobs with a time."
      : `Per ${binWord(days)}; the most were ${NUMBER.format(busiest.total)}, from ${DAY.format(busiest.at)}.`;
  }

  drawSuccess(rows) {
    this.plot("success", rows, [{ name: "succeeded", key: "success", colour: "success" }], {
      format: (value) => `${Math.round(value * 100)} %`, range: [0, 1.02],
    });
    const rate = successRate(this.jobs);
    byId("success-text").textContent = rate === null
      ? "No job has completed or failed."
      : `${(rate * 100).toFixed(1)} % of the jobs that ended without being cancelled succeeded.`;
  }

  showFailures() {
    const counts = new Map();
    let failed = 0;
    for (const job of this.jobs) {
      if (job.status !== "failed") continue;
      failed += 1;
      const node = (job.error && job.error[2]) || "unknown node";
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    const most = [...counts].sort((a, b) => b[1] - a[1]);
    byId("failures").replaceChildren(...most.slice(0, 6).map(([node, count]) => {
      const bar = el("span", { class: "bar", "aria-hidden": "true" });
      bar.style.width = `${(100 * count) / most[0][1]}%`;
      const button = el("button", { type: "button", class: "link", title: "Show these jobs" }, cut(node, 60));
      button.addEventListener("click", () => this.onNode(node));
      return el("li", {}, el("span", { class: "failure-name" }, button, el("span", {}, NUMBER.format(count))), bar);
    }));
    byId("failures").hidden = most.length === 0;
    const rest = most.length > 6 ? `, in ${most.length} kinds of nodes` : "";
    byId("failures-text").textContent = failed === 0 ? "No failures." : `${NUMBER.format(failed)} failed${rest}.`;
  }

  fillTable(rows, days) {
    const heads = [`From (${binWord(days)})`, "Jobs", "Failed", "Success", "Queue, median", "Run, median", "Run, 95 %"];
    byId("figures-table").replaceChildren(
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, rows.map((row) => el("tr", {},
        el("th", { scope: "row" }, DAY.format(row.at)),
        [NUMBER.format(row.total), NUMBER.format(row.failed), row.success === null ? "–" : `${Math.round(row.success * 100)} %`,
          secondsText(row.queue), secondsText(row.run), secondsText(row.slow)].map((cell) => el("td", {}, cell))))),
    );
  }
}
