// The tests of posters.mjs, against a local Comfy Cloud. Run them with: node --test
// (Node.js 20 needs --experimental-websocket for the last one.)

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { control, startEmulator } from "./emulator.mjs";
import { makePoster, PosterFailed, TooBusy } from "./posters.mjs";

const quickly = { interval: 0 };
let stop;

before(() => {
  stop = startEmulator();
});
after(() => stop());
// Each look at a job moves the emulated time on by half a second, so no test really waits.
beforeEach(() => control("POST", "reset", { time: "virtual", auto_advance: true }));

test("a poster is a PNG, and the key goes to the API only", async () => {
  const image = await makePoster("a lighthouse", quickly);
  assert.equal(Buffer.from(image.subarray(1, 4)).toString(), "PNG");
  const { jobs } = await control("GET", "jobs");
  assert.deepEqual(jobs.map((job) => [job.status, job.executed]), [["completed", 1]]);
  assert.deepEqual((await control("GET", "leaks")).leaks, []);
});

test("a job that fails is an error with its type", async () => {
  await control("POST", "failures", { exception_type: "OOMError" });
  await assert.rejects(makePoster("a lighthouse", quickly), (error) => {
    assert.ok(error instanceof PosterFailed);
    assert.equal(error.type, "OOMError");
    return true;
  });
});

test("a refused submission is repeated after the time that the service asks for", async () => {
  await control("POST", "faults", "429 x2 POST /api/prompt retry-after=7");
  const waits = [];
  await makePoster("a lighthouse", { interval: 0, wait: async (milliseconds) => waits.push(milliseconds) });
  assert.deepEqual(waits.filter((each) => each > 0), [7000, 7000]);
  const { requests } = await control("GET", "requests?path=/api/prompt");
  assert.deepEqual(requests.map((request) => request.status), [429, 429, 200]);
});

test("it gives up when the service stays busy, and nothing has run", async () => {
  await control("POST", "faults", "429 x* POST /api/prompt retry-after=0");
  await assert.rejects(makePoster("a lighthouse", quickly), TooBusy);
  assert.deepEqual((await control("GET", "jobs")).jobs, []);
});

test("an error that is not a refusal is not repeated", async () => {
  await control("POST", "faults", "500 x1 POST /api/prompt");
  await assert.rejects(makePoster("a lighthouse", quickly), /status 500/);
  const { requests } = await control("GET", "requests?path=/api/prompt");
  assert.equal(requests.length, 1);
});

test("progress comes over the websocket", async () => {
  const seen = [];
  await makePoster("a lighthouse", { interval: 5, onProgress: (share) => seen.push(share) });
  assert.ok(seen.length > 1, `progress: ${seen}`);
  assert.deepEqual(seen, [...seen].sort((one, other) => one - other));
});
