// The page put together: each section of the stream goes to its panel, at most once for each picture on the screen.

import { beginAnew, byId, say, set, show } from "./dom.js";
import { connect } from "./connection.js";
import { showFaults } from "./faults.js";
import { showFiles } from "./files.js";
import { showJobs, showProgress } from "./jobs.js";
import { showRequests } from "./requests.js";
import { showAccount, showTime } from "./settings.js";
import { countRequests, forgetRates, showCounts } from "./tiles.js";

const STATES = {
  live: "live",
  again: "connection lost, trying again",
  gone: "emulator stopped",
  hidden: "paused",
};

const panels = {
  account: [showAccount],
  time: [showTime],
  faults: [showFaults],
  jobs: [showJobs, showCounts],
  files: [showFiles],
  progress: [showProgress],
  requests: [showRequests],
};

const waiting = new Map();
let isPlanned = false;

function draw() {
  isPlanned = false;
  const news = [...waiting];
  waiting.clear();
  for (const [name, value] of news) for (const panel of panels[name]) panel(value);
}

function onSection(name, value) {
  // Request rows build on each other, so they are taken in order; of the others the last word counts.
  if (name === "requests") {
    countRequests(value);
    panels.requests.forEach((panel) => panel(value));
    return;
  }
  waiting.set(name, value);
  if (!isPlanned) {
    isPlanned = true;
    requestAnimationFrame(draw);
  }
}

function onState(state) {
  const connection = byId("connection");
  set(connection, "data-state", state);
  say(connection, STATES[state]);
  show(byId("gone"), state === "gone");
  set(document.body, "data-gone", state === "gone");
  if (state === "live") {
    forgetRates();
    beginAnew();
  }
}

say(byId("address"), location.host);
say(byId("command"), `export COMFY_CLOUD_BASE_URL=${location.origin}`);
connect(Object.keys(panels), onSection, onState);
