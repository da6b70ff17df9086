// Starts the page: reads its data, fills the filters, and connects them with the list and charts.

class Page {
  constructor(data) {
    this.jobs = new Jobs(data);
    this.list = new List(this.jobs, byId("list"), {
      onOpen: (index) => this.details.open(index),
      onSelected: (selected) => this.showSelection(selected),
    });
    this.details = new Details(this.jobs, this.list);
    this.comparison = new Comparison(this.jobs, this.list);
    this.charts = new Charts();
    this.charts.onNode = (node) => {
      byId("status").value = "failed";
      byId("search").value = node === "unknown node" ? "" : `"${node}"`;
      this.find();
      byId("list").focus();
    };
    this.fillFilters();
    byId("filters").addEventListener("submit", (event) => { event.preventDefault(); this.toList(); });
    byId("filters").addEventListener("input", (event) => this.findSoon(event.target.id === "search" ? 60 : 0));
    byId("filters").addEventListener("reset", () => setTimeout(() => { this.find(); byId("search").focus(); }));
    byId("search").addEventListener("keydown", (event) => this.onSearchKey(event));
    byId("compare").addEventListener("click", () => this.compare());
    byId("deselect").addEventListener("click", () => { this.list.deselect(); byId("list").focus(); });
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.find();
  }

  // Other jobs of the same account, as the mirror has them now; the filters stay.
  replace(data) {
    const ids = this.list.selected.map((job) => job.id);
    const active = this.jobs.shown[this.list.active]?.id;
    const fresh = new Jobs(data);
    Object.assign(this.jobs, { data: fresh.data, all: fresh.all, strings: fresh.strings, shown: fresh.all });
    const model = byId("model");
    const chosen = model.value === "" ? null : model.selectedOptions[0].dataset.model;
    this.fillFilters();
    if (chosen !== null) model.value = [...model.options].find((option) => option.dataset.model === chosen)?.value ?? "";
    this.find();
    this.list.active = Math.max(0, this.jobs.shown.findIndex((job) => job.id === active));
    this.list.selected = this.jobs.all.filter((job) => ids.includes(job.id));
    this.list.mark();
    this.showSelection(this.list.selected);
  }

  fillFilters() {
    const { data } = this.jobs;
    const option = (value, text, extra) => el("option", { value, ...extra }, text);
    const about = [data.account, serverName(data.origin), `as of ${dateText(data.made, MINUTE)}`].filter(Boolean).join(" · ");
    byId("about").replaceChildren(shown(about));
    const kept = byId("status").value;
    const statuses = this.jobs.counts((job) => [job.status]);
    byId("status").replaceChildren(option("", "All"), ...[...statuses].sort().map(
      ([status, count]) => option(plain(status), `${plain(status)} (${NUMBER.format(count)})`)));
    byId("status").value = statuses.has(kept) ? kept : "";
    const models = [...this.jobs.counts((job) => job.models.map(([, index]) => index))].sort((a, b) => b[1] - a[1]);
    byId("model").replaceChildren(option("", "All"), ...models.slice(0, 500).map(([index, count]) => option(
      String(index), `${cut(plain(this.jobs.text(index)), 60)} (${NUMBER.format(count)})`,
      { "data-model": this.jobs.text(index) })));
    if (byId("order").options.length === 0) {
      byId("order").replaceChildren(...Object.entries(ORDERS).map(([key, { name }]) => option(key, name)));
    }
  }

  findSoon(delay) {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.find(), delay);
  }

  find() {
    clearTimeout(this.later);
    const day = (id, plus) => {
      const [year, month, date] = byId(id).value.split("-").map(Number);
      return byId(id).value === "" ? null : new Date(year, month - 1, date + plus).getTime();
    };
    this.jobs.find({
      text: byId("search").value, status: byId("status").value, model: byId("model").value,
      since: day("since", 0), until: day("until", 1), order: byId("order").value || "newest",
    });
    this.list.active = 0;
    this.list.reset();
    this.showCount();
    this.showTiles();
    clearTimeout(this.laterCharts);
    this.laterCharts = setTimeout(() => this.charts.show(this.jobs.shown), 30);
  }

  showCount() {
    const { data, all, shown: found } = this.jobs;
    const of = found.length === all.length ? "" : ` of ${NUMBER.format(all.length)}`;
    const noun = found.length === 1 && of === "" ? "job" : "jobs";
    const left = data.total > all.length ? `; the newest of ${NUMBER.format(data.total)} in the mirror` : "";
    byId("count").textContent = `${NUMBER.format(found.length)}${of} ${noun}${left}`;
  }

  showTiles() {
    const { shown: found } = this.jobs;
    const run = sortedNumbers(found, "run");
    const queue = sortedNumbers(found, "queue");
    const rate = successRate(found);
    const credits = found.filter((job) => job.credits !== null);
    const tiles = [
      ["Jobs", NUMBER.format(found.length)],
      ["Success rate", rate === null ? "–" : `${(rate * 100).toFixed(1)} %`],
      ["Queue, median", secondsText(quantile(queue, 0.5))],
      ["Run, median", secondsText(quantile(run, 0.5))],
      ["Run, 95 % within", secondsText(quantile(run, 0.95))],
    ];
    if (credits.length) tiles.push(["Credits", NUMBER.format(Math.round(credits.reduce((sum, job) => sum + job.credits, 0)))]);
    byId("tiles").replaceChildren(...tiles.map(([name, value]) => el("div", { class: "tile" },
      el("span", { class: "tile-name" }, name), el("span", { class: "tile-value" }, value))));
  }

  showSelection(selected) {
    byId("selection").hidden = selected.length === 0;
    byId("compare").disabled = selected.length !== 2;
    byId("selected").textContent = selected.length === 1 ? "1 selected; choose another" : `${selected.length} selected`;
    if (selected.length) say(selected.length === 2 ? "2 selected; press C to compare" : "1 selected");
  }

  compare() {
    if (this.list.selected.length === 2) this.comparison.open(this.list.selected);
    else say("Select two jobs with Space first");
  }

  toList() {
    this.find();
    byId("list").focus();
  }

  onSearchKey(event) {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      this.toList();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (byId("search").value === "") byId("list").focus();
      byId("search").value = "";
      this.find();
    }
  }

  onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input, select, textarea")) return;
    if (event.key === "/") byId("search").focus();
    else if (event.key === "c" || event.key === "C") this.compare();
    else if (event.key === "Escape" && this.list.selected.length) this.list.deselect();
    else return;
    event.preventDefault();
  }
}

// The host, with its port where that is not the usual one.
function serverName(origin) {
  try {
    return origin && new URL(origin).host;
  } catch {
    return origin;
  }
}

async function followMirror(page, tag) {
  for (;;) {
    await new Promise((done) => setTimeout(done, 4000));
    try {
      const response = await fetch("data.json", { headers: { "if-none-match": tag }, cache: "no-store" });
      if (response.status !== 200) continue;
      tag = response.headers.get("etag") ?? "";
      if (!document.querySelector("dialog[open]")) page.replace(await response.json());
      document.body.classList.remove("gone");
    } catch {
      document.body.classList.add("gone");  // stopped by Ctrl-C; what is shown stays
    }
  }
}

async function start() {
  let data = JSON.parse(byId("data").textContent);
  let tag = null;
  if (data.live) {
    const response = await fetch("data.json", { cache: "no-store" });
    tag = response.headers.get("etag") ?? "";
    data = await response.json();
  }
  const page = new Page(data);
  performance.mark("usable");
  if (tag !== null) followMirror(page, tag);
}

start();
