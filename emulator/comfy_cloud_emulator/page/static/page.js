// Passes each section of the stream to its panels, at most once per animation frame.

import { byId, rebuildLists, set, setText, show } from "./dom.js";
import { connect } from "./connection.js";
import { copyButton } from "./copying.js";
import { openAddressed } from "./details.js";
import { showFaults } from "./faults.js";
import { showFiles } from "./files.js";
import { showJobs, showProgress } from "./jobs.js";
import { showRequests } from "./requests.js";
import { showAccount, showTime } from "./settings.js";
import { countRequests, forgetRates, showCounts } from "./tiles.js";

const STATES = {
  live: "live",
  again: "connection lost, reconnecting",
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
  const updates = [...waiting];
  waiting.clear();
  for (const [name, value] of updates) for (const panel of panels[name]) panel(value);
}

function onSection(name, value) {
  // Request rows build on each other, so each update is applied; of other sections only the latest.
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
  setText(connection, STATES[state]);
  show(byId("gone"), state === "gone");
  set(document.body, "data-gone", state === "gone");
  if (state === "live") {
    forgetRates();
    rebuildLists();
  }
}

setText(byId("address"), location.host);
const command = `export COMFY_CLOUD_BASE_URL=${location.origin}`;
setText(byId("command"), command);
byId("command-copy").append(copyButton("Copy", "Command", () => command));
openAddressed();
connect(Object.keys(panels), onSection, onState);
