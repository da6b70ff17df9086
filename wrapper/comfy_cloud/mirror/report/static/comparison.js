// Two jobs side by side: what differs, and on request what does not.

class Comparison {
  constructor(jobs, list) {
    this.jobs = jobs;
    this.dialog = byId("comparison");
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => list.root.focus({ preventScroll: true }));
  }

  open([left, right]) {
    const { jobs } = this;
    const rows = this.rows(left, right);
    const differing = rows.filter(([, a, b]) => a !== b).length;
    const table = el("table", { class: "compared only-differences" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "What"), ...[left, right].map((job) => el("th", { scope: "col" },
        el("span", { class: "compared-picture" }, firstImage(jobs, job, "large")), el("code", {}, job.id))))),
      el("tbody", {}, rows.map(([name, a, b]) => el("tr", { class: a === b ? "same" : "differs" },
        el("th", { scope: "row", dir: "auto" }, name), ...[a, b].map((value) => el("td", { dir: "auto" }, value === "" ? "–" : value))))));
    const box = el("input", { type: "checkbox", id: "only-differences", checked: true });
    box.addEventListener("change", () => table.classList.toggle("only-differences", box.checked));
    this.dialog.replaceChildren(
      el("header", { class: "dialog-head" },
        el("h2", { id: "comparison-name", tabindex: "-1" }, "Two jobs side by side"),
        el("div", { class: "buttons" },
          el("label", { class: "box" }, box, `Only the ${NUMBER.format(differing)} that differ`),
          el("button", { type: "button", onclick: () => this.dialog.close() }, "Close"))),
      el("div", { class: "dialog-body scroll", tabindex: "0", role: "region", "aria-label": "The two jobs" }, table));
    this.dialog.showModal();
    byId("comparison-name").focus();
  }

  // [name, left, right], in the order of the left job.
  rows(left, right) {
    const { jobs } = this;
    const texts = (indexes) => indexes.map((index) => jobs.text(index)).join("\n");
    const prompt = (job, role) => job.prompts.filter(([each]) => each === role).map(([, index]) => jobs.text(index)).join("\n");
    const pair = (name, of) => [name, String(of(left) ?? ""), String(of(right) ?? "")];
    const rows = [
      pair("Status", (job) => job.status),
      pair("Created", (job) => dateText(job.when, SECOND)),
      pair("Queue", (job) => secondsText(job.queue)),
      pair("Run", (job) => secondsText(job.run)),
      pair("Credits", (job) => job.credits),
      pair("Workflow", (job) => job.workflow),
      pair("Error", (job) => (job.error ? errorLine(job) : "")),
      pair("Positive prompt", (job) => prompt(job, "positive")),
      pair("Negative prompt", (job) => prompt(job, "negative")),
      pair("Seeds", (job) => texts(job.seeds)),
      pair("Models", (job) => texts(job.models.map(([, index]) => index))),
      pair("LoRAs", (job) => job.loras.map(([index, strength]) => `${jobs.text(index)} × ${strength}`).join("\n")),
      pair("Size", (job) => job.sizes.map(([width, height]) => `${width} × ${height}`).join("\n")),
    ].filter(([, a, b]) => a !== "" || b !== "");
    const named = (job) => new Map(jobs.inputs(job).map(([node, nodeClass, title, name, value]) => [
      JSON.stringify([node, name]), [`${title || nodeClass} (${node}) · ${name}`, value]]));
    const a = named(left);
    const b = named(right);
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      const name = (a.get(key) ?? b.get(key))[0];
      rows.push([name, a.get(key)?.[1] ?? "", b.get(key)?.[1] ?? ""]);
    }
    return rows;
  }
}
