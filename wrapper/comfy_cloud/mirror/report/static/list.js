// The list: only the rows that are on the screen exist, whatever the number of jobs.

class List {
  constructor(jobs, root, actions) {
    this.jobs = jobs;
    this.root = root;
    this.actions = actions;
    this.active = 0;
    this.selected = [];
    this.rows = new Map();
    this.columns = 1;
    this.height = 80;
    root.addEventListener("keydown", (event) => this.onKey(event));
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("focus", () => this.mark());
    addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.layOut()).observe(document.documentElement);
  }

  // Shows the jobs anew: other ones, or another order.
  reset() {
    const job = this.jobs.shown[this.active];
    this.active = Math.max(0, job === undefined ? 0 : this.active);
    if (this.active >= this.jobs.shown.length) this.active = 0;
    this.clear();
    this.root.hidden = this.jobs.shown.length === 0;
    byId("empty").hidden = this.jobs.shown.length > 0;
    this.layOut();
  }

  clear() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }

  layOut() {
    const height = byId("probe").getBoundingClientRect().height;
    const columns = Math.max(1, Number(getComputedStyle(this.root).getPropertyValue("--columns")) || 1);
    if (height !== this.height || columns !== this.columns) this.clear();
    this.height = height;
    this.columns = columns;
    this.root.style.height = `${Math.ceil(this.jobs.shown.length / columns) * height}px`;
    this.draw();
  }

  draw() {
    const top = this.root.getBoundingClientRect().top;
    const before = Math.floor(-top / this.height) - 4;
    const after = Math.ceil((innerHeight - top) / this.height) + 4;
    const first = Math.max(0, before * this.columns);
    const end = Math.min(this.jobs.shown.length, Math.max(0, after) * this.columns);
    for (const [index, row] of this.rows) {
      if ((index < first || index >= end) && index !== this.active) {
        row.remove();
        this.rows.delete(index);
      }
    }
    let previous = null;
    for (let index = first; index < end; index += 1) {
      let row = this.rows.get(index);
      if (row === undefined) {
        row = this.row(index);
        this.rows.set(index, row);
        if (previous === null) this.root.prepend(row);
        else previous.after(row);
      }
      previous = row;
    }
    this.mark();
  }

  row(index) {
    const job = this.jobs.shown[index];
    const title = this.jobs.title(job);
    const model = this.jobs.mainModel(job);
    const facts = [model, job.seeds.length ? `seed ${this.jobs.text(job.seeds[0])}` : null];
    if (job.sizes.length) facts.push(`${job.sizes[0][0]} × ${job.sizes[0][1]}`);
    const row = el("div", {
      role: "option", class: "job", id: `job-${index}`,
      "aria-setsize": this.jobs.shown.length, "aria-posinset": index + 1, "aria-selected": "false",
    });
    const picture = el("span", { class: "picture" });
    const image = firstImage(this.jobs, job, "small");
    picture.append(image ?? el("span", { class: "no-picture", "aria-hidden": "true" }, job.status === "failed" ? "!" : "–"));
    row.append(
      el("span", { class: "pick", "aria-hidden": "true", title: "Select to compare" }),
      picture,
      el("span", { class: "body" },
        el("span", { class: "title", dir: "auto" }, cut(title, 300) || el("i", {}, job.details ? "no prompt" : `job ${job.id}`)),
        job.error ? el("span", { class: "wrong" }, cut(errorLine(job), 200)) : null,
        el("span", { class: "facts" }, facts.filter(Boolean).map((fact) => el("span", { class: "fact" }, cut(fact, 80))))),
      el("span", { class: "side" },
        el("span", { class: `status ${STATUSES.includes(job.status) ? job.status : "unknown"}` }, job.status),
        timeElement(job.when, MINUTE),
        el("span", { class: "durations" }, `queue ${secondsText(job.queue)} · run ${secondsText(job.run)}`)),
    );
    row.style.top = `${Math.floor(index / this.columns) * this.height}px`;
    row.style.left = `${((index % this.columns) * 100) / this.columns}%`;
    row.style.width = `${100 / this.columns}%`;
    return row;
  }

  mark() {
    for (const [index, row] of this.rows) {
      const job = this.jobs.shown[index];
      row.classList.toggle("active", index === this.active);
      row.setAttribute("aria-selected", String(this.selected.includes(job)));
    }
    if (this.rows.has(this.active)) this.root.setAttribute("aria-activedescendant", `job-${this.active}`);
    else this.root.removeAttribute("aria-activedescendant");
  }

  move(index) {
    const length = this.jobs.shown.length;
    if (length === 0) return;
    this.active = Math.min(Math.max(index, 0), length - 1);
    const top = this.root.getBoundingClientRect().top + Math.floor(this.active / this.columns) * this.height;
    // The filters stay at the top of a large window, over the list.
    const filters = document.querySelector("search");
    const covered = getComputedStyle(filters).position === "sticky" ? filters.offsetHeight : 0;
    if (top < covered) scrollBy(0, top - covered - 8);
    else if (top + this.height > innerHeight) scrollBy(0, top + this.height - innerHeight + 8);
    if (!this.rows.has(this.active)) {
      const row = this.row(this.active);
      this.rows.set(this.active, row);
      this.root.append(row);
    }
    this.draw();
  }

  toggle(job) {
    if (this.selected.includes(job)) this.selected = this.selected.filter((each) => each !== job);
    else this.selected = [...this.selected.slice(-1), job];
    this.mark();
    this.actions.onSelected(this.selected);
  }

  deselect() {
    this.selected = [];
    this.mark();
    this.actions.onSelected(this.selected);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(innerHeight / this.height) - 1) * this.columns;
    const steps = {
      ArrowDown: this.columns, ArrowUp: -this.columns, PageDown: page, PageUp: -page,
      ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity,
    };
    const job = this.jobs.shown[this.active];
    if (event.key in steps) this.move(this.active + steps[event.key]);
    else if (event.key === "Enter" && job) this.actions.onOpen(this.active);
    else if (event.key === " " && job) this.toggle(job);
    else return;
    event.preventDefault();
  }

  onClick(event) {
    const row = event.target.closest("[role=option]");
    if (row === null) return;
    this.active = Number(row.getAttribute("aria-posinset")) - 1;
    const job = this.jobs.shown[this.active];
    if (event.target.closest(".pick") || event.ctrlKey || event.metaKey) this.toggle(job);
    else this.actions.onOpen(this.active);
    this.mark();
  }
}

function cut(text, length) {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

function errorLine(job) {
  const [kind, , nodeClass, message] = job.error;
  return [nodeClass, message || kind].filter(Boolean).join(": ") || "failed";
}

// The image of a job's first output that has one; `size` is small or large.
function firstImage(jobs, job, size) {
  const index = job.outputs.findIndex((output) => output[3] !== null);
  return index < 0 ? null : imageOf(jobs, job, index, size);
}

function imageOf(jobs, job, index, size) {
  const thumb = job.outputs[index][3];
  if (thumb === null) return null;
  const source = thumb >= 0 ? jobs.data.thumbs[thumb] : `${size}/${encodeURIComponent(job.id.replace(/\p{Surrogate}/gu, "\ufffd"))}/${index}`;
  const alt = size === "small" ? "" : plain(job.outputs[index][0]);
  const image = el("img", { src: source, alt, decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(
    el("span", { class: "no-picture", "aria-hidden": size === "small" ? "true" : null }, size === "small" ? "–" : "no preview")));
  return image;
}
