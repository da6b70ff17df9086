// One job in a dialog: its prompts and seeds to copy, its outputs, its error and every input.

class Details {
  constructor(jobs, list) {
    this.jobs = jobs;
    this.list = list;
    this.dialog = byId("details");
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => { list.move(list.active); list.root.focus({ preventScroll: true }); });
  }

  open(index) {
    this.list.move(index);
    this.fill();
    if (!this.dialog.open) this.dialog.showModal();
    byId("details-name").focus();
  }

  step(by) {
    const index = this.list.active + by;
    if (index < 0 || index >= this.jobs.shown.length) return;
    this.list.move(index);
    this.fill();
    this.dialog.scrollTop = 0;
    byId("details-name").focus();
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(".scroll")) return;
    if (event.key === "ArrowLeft") this.step(-1);
    else if (event.key === "ArrowRight") this.step(1);
    else return;
    event.preventDefault();
  }

  fill() {
    const { jobs, list } = this;
    const job = jobs.shown[list.active];
    const button = (text, action, off) => el("button", { type: "button", onclick: action, disabled: off }, text);
    const select = el("button", { type: "button", "aria-pressed": String(list.selected.includes(job)) }, "Select to compare");
    select.addEventListener("click", () => {
      list.toggle(job);
      select.setAttribute("aria-pressed", String(list.selected.includes(job)));
    });
    this.dialog.replaceChildren(
      el("header", { class: "dialog-head" },
        el("h2", { id: "details-name", tabindex: "-1" },
          `Job ${NUMBER.format(list.active + 1)} of ${NUMBER.format(jobs.shown.length)}`),
        el("div", { class: "buttons" },
          button("← Previous", () => this.step(-1), list.active === 0),
          button("Next →", () => this.step(1), list.active === jobs.shown.length - 1),
          select,
          button("Close", () => this.dialog.close()))),
      el("div", { class: "dialog-body" }, this.parts(job)),
    );
  }

  parts(job) {
    const { jobs } = this;
    const pictures = job.outputs.map((_, index) => imageOf(jobs, job, index, "large")).filter(Boolean).slice(0, 8);
    return [
      pictures.length ? el("div", { class: "pictures" }, pictures) : null,
      job.error ? el("section", { class: "notice" },
        el("h3", {}, "Error"),
        el("p", {}, [job.error[2] ? `${job.error[2]} (node ${job.error[1]})` : null, job.error[0]].filter(Boolean).join(": ")),
        el("pre", { dir: "auto" }, job.error[3] || "no message")) : null,
      job.prompts.map(([role, index]) => this.copied(role === "text" ? "Text" : `${capital(role)} prompt`, jobs.text(index))),
      job.seeds.length ? el("section", {}, el("h3", {}, job.seeds.length === 1 ? "Seed" : "Seeds"),
        el("ul", { class: "chips" }, job.seeds.map((index) => el("li", {},
          el("code", {}, jobs.text(index)), copyButton(jobs.text(index), `seed ${plain(jobs.text(index))}`))))) : null,
      this.facts(job),
      job.outputs.length ? el("section", {}, el("h3", {}, "Outputs"), el("ul", { class: "plain" }, job.outputs.map(
        ([name, kind, size]) => el("li", {}, el("bdi", {}, name), el("span", { class: "quiet" }, ` ${kind} ${sizeText(size)}`))))) : null,
      job.texts.map((index) => this.copied("Text output", jobs.text(index))),
      job.details ? this.inputs(job) : el("p", { class: "quiet" }, "The mirror has no details of this job."),
    ];
  }

  copied(name, text) {
    return el("section", {},
      el("div", { class: "copied" }, el("h3", {}, name), copyButton(text, name.toLowerCase())),
      el("pre", { dir: "auto" }, text));
  }

  facts(job) {
    const { jobs } = this;
    const id = el("span", { class: "with-copy" }, el("code", {}, job.id), copyButton(job.id, "id"));
    const rows = [
      ["Id", id],
      ["Status", job.deleted ? `${job.status}; deleted on the service` : job.status],
      ["Created", dateText(job.created, SECOND)],
      ["Started", dateText(job.started, SECOND)],
      ["Finished", dateText(job.finished, SECOND)],
      ["Queue, run", `${secondsText(job.queue)}, ${secondsText(job.run)}`],
      ["Credits", job.credits === null ? null : String(job.credits)],
      ["Workflow", job.workflow],
      ["Models", job.models.map(([kind, index]) => `${jobs.text(index)} (${kind})`).join("\n") || null],
      ["LoRAs", job.loras.map(([index, strength]) => `${jobs.text(index)}${strength === null ? "" : ` × ${strength}`}`).join("\n") || null],
      ["Size", job.sizes.map(([width, height, batch]) => `${width} × ${height}${batch > 1 ? `, ${batch} of them` : ""}`).join("\n") || null],
    ];
    return el("section", {}, el("h3", {}, "Facts"), el("dl", { class: "facts-list" }, rows
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, value)))));
  }

  inputs(job) {
    const inputs = this.jobs.inputs(job);
    if (inputs.length === 0) return null;
    const rows = inputs.map(([node, nodeClass, title, name, value]) => el("tr", {},
      el("td", {}, `${title || nodeClass} (${node})`), el("td", {}, name), el("td", { class: "value", dir: "auto" }, value)));
    return el("details", { class: "inputs" }, el("summary", {}, `All ${inputs.length} inputs`),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "All inputs" },
        el("table", {}, el("thead", {}, el("tr", {}, ["Node", "Input", "Value"].map((head) => el("th", { scope: "col" }, head)))),
          el("tbody", {}, rows))));
  }
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
