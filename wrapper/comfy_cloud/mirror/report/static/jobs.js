// The jobs as objects, and which of them a reader has asked for.

const STATUSES = ["completed", "failed", "cancelled", "running", "queued", "unknown"];

class Jobs {
  constructor(data) {
    this.data = data;
    const { columns, strings } = data;
    this.all = data.jobs.map((row) => {
      const job = {};
      columns.forEach((name, index) => { job[name] = row[index]; });
      job.when = job.created ?? job.started ?? job.finished;
      return job;
    });
    this.strings = strings;
    this.shown = this.all;
  }

  text(index) {
    return this.strings[index];
  }

  // The main prompt: the positive one, else any text that the job was given.
  title(job) {
    const found = job.prompts.find(([role]) => role === "positive") ?? job.prompts.find(([role]) => role === "text");
    if (found) return this.text(found[1]);
    if (!job.details) return "";
    const model = this.mainModel(job);
    return model === null ? "" : model;
  }

  mainModel(job) {
    const kinds = ["checkpoint", "unet"];
    const found = job.models.find(([kind]) => kinds.includes(kind)) ?? job.models[0];
    return found ? this.text(found[1]) : null;
  }

  // What a search reads, as `isFound` wants it; made when the job is first searched.
  searched(job) {
    if (job.searched === undefined) {
      const prompts = job.prompts.map(([, index]) => this.text(index));
      const texts = job.texts.map((index) => this.text(index));
      for (const index of job.values) {
        const value = this.text(index);
        if (value.includes(" ") && !/^[[{]/u.test(value) && !prompts.includes(value)) texts.push(value);
      }
      const models = [...job.models.map(([, index]) => index), ...job.loras.map(([index]) => index)];
      const others = [job.id, ...(job.error ?? [])].map((part) => part ?? "");
      job.searched = {
        prompts: lines(prompts), texts: lines(texts), titles: lines([named(this.text(job.nodes))]),
        models: lines(models.map((index) => named(this.text(index)))),
        files: lines(job.outputs.map(([name]) => named(name ?? ""))),
        others: lines([...others, ...job.seeds.map((index) => this.text(index))]),
      };
      job.exact = {
        status: [job.status], workflow: [job.workflow ?? ""], seed: job.seeds.map((index) => this.text(index)),
      };
    }
    return job.searched;
  }

  // Every input: [node id, class, title, input, value].
  inputs(job) {
    if (job.shape === null) return [];
    return this.data.shapes[job.shape].map((input, index) => [...input, this.text(job.values[index])]);
  }

  find(query) {
    const terms = readQuery(query.text);
    const kept = this.all.filter((job) => {
      if (query.status && job.status !== query.status) return false;
      if (query.since !== null && !(job.when >= query.since)) return false;
      if (query.until !== null && !(job.when < query.until)) return false;
      if (query.model !== "" && !job.models.some(([, index]) => index === Number(query.model))) return false;
      return terms.length === 0 || isFound(terms, this.searched(job), job.exact);
    });
    const order = ORDERS[query.order];
    this.shown = order.compare === null ? kept : kept.sort(order.compare);
  }

  counts(of) {
    const counts = new Map();
    for (const job of this.all) for (const key of new Set(of(job))) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }
}

const last = (value) => value ?? -Infinity;
const ORDERS = {
  newest: { name: "Newest first", compare: null },
  oldest: { name: "Oldest first", compare: (a, b) => (a.when ?? Infinity) - (b.when ?? Infinity) },
  run: { name: "Longest run", compare: (a, b) => difference(b.run, a.run) },
  queue: { name: "Longest queue", compare: (a, b) => difference(b.queue, a.queue) },
};

function difference(a, b) {
  return last(a) === last(b) ? 0 : last(a) - last(b);
}

function lines(texts) {
  return spaced(texts.join("\n"));
}

function quantile(sorted, part) {
  if (sorted.length === 0) return null;
  const at = (sorted.length - 1) * part;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

function sortedNumbers(jobs, name) {
  return jobs.map((job) => job[name]).filter((value) => value !== null).sort((a, b) => a - b);
}

// The part of the jobs that ended by themselves and succeeded; null without any.
function successRate(jobs) {
  const completed = jobs.filter((job) => job.status === "completed").length;
  const failed = jobs.filter((job) => job.status === "failed").length;
  return completed + failed === 0 ? null : completed / (completed + failed);
}
