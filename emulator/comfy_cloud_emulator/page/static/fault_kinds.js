// The kinds of faults with their fields, and a description of each field.

export const GROUPS = {
  "Any request": {
    status: { summary: "Responds with a status instead of handling the request.", fields: ["status", "retry_after"] },
    reset: { summary: "Resets the connection before any response.", fields: [] },
    delay: { summary: "Responds correctly, but late.", fields: ["seconds"], initial: { seconds: 2 } },
    cut: { summary: "Responds correctly, but cuts the body off.", fields: ["at_bytes"] },
    html: { summary: "Responds with an HTML page.", fields: ["status"], initial: { status: 502 } },
    garbage: { summary: "Responds with truncated JSON.", fields: ["status"], initial: { status: 200 } },
    drift: { summary: "Adds or removes jobs just before the response.", fields: ["insert", "delete"], initial: { insert: 1 } },
    retired: { summary: "The path is no longer served.", fields: ["status"], initial: { status: 404 }, without: ["times"] },
  },
  Submissions: {
    accepted_then: {
      summary: "Accepts the submission, but loses the response.",
      fields: ["then", "status", "seconds", "lag_seconds", "lag_requests"],
    },
    refused: { summary: "Responds with a status and submits nothing.", fields: ["status"] },
    lag: { summary: "Lists do not show the new job for a while.", fields: ["lag_seconds", "lag_requests"], initial: { lag_seconds: 3 } },
  },
  Websockets: {
    socket_refuse: { summary: "Responds to the upgrade with a status.", fields: ["status"], initial: { status: 503 } },
    socket_silent: { summary: "Sends nothing more, but keeps the connection open.", fields: ["messages"] },
    socket_drop: { summary: "Resets the connection.", fields: ["messages"] },
    socket_garbage: { summary: "Sends one frame that is not JSON, then continues.", fields: ["messages"] },
    socket_foreign: { summary: "Sends a message about another job before each further one.", fields: ["messages"] },
    socket_disorder: { summary: "Sends further messages in swapped pairs.", fields: ["messages"] },
  },
};

/** The fields that select the requests of a fault. */
export const CHOOSING = ["path", "method", "times", "after"];

/**
 * `empty` is shown in an empty field, `initial` is its first value, `detail` describes it in the list of faults.
 * Numbers are integers unless `step` allows fractions.
 */
export const FIELDS = {
  method: { label: "Method", choices: ["", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"], empty: "any", width: "third" },
  path: { label: "Path", empty: "any path, or a pattern such as /api/jobs/*", list: "paths", width: "whole" },
  times: { label: "Times", type: "number", least: 1, empty: "always", initial: 1, width: "third" },
  after: { label: "Skip first", type: "number", least: 0, empty: "none", width: "third" },
  status: { label: "Status", type: "number", least: 200, most: 599, initial: 500, detail: (it) => `status ${it}` },
  retry_after: { label: "Retry after, s", type: "number", least: 0, empty: "no header", detail: (it) => `retry after ${it} s` },
  seconds: { label: "Wait, s", type: "number", least: 0, step: "any", empty: "none", detail: (it) => `waits ${it} s` },
  at_bytes: { label: "After bytes", type: "number", least: 0, empty: "half", detail: (it) => `after ${it} bytes` },
  insert: { label: "Jobs to add", type: "number", least: 0, empty: "none", detail: (it) => `adds ${it}` },
  delete: { label: "Jobs to remove", type: "number", least: 0, empty: "none", detail: (it) => `removes ${it}` },
  then: { label: "Then", choices: ["status", "reset", "silence"], detail: (it) => `then ${it}` },
  lag_seconds: { label: "Hidden for, s", type: "number", least: 0, step: "any", empty: "none", detail: (it) => `hidden for ${it} s` },
  lag_requests: { label: "Hidden in lists", type: "number", least: 0, empty: "none", detail: (it) => `hidden in ${it} lists` },
  messages: { label: "After messages", type: "number", least: 0, empty: "at once", detail: (it) => `after ${it} messages` },
};

/** The exception types of failing jobs. */
export const FAILURES = [
  "OOMError",
  "ImageDownloadError",
  "ModelDownloadError",
  "ModelAccessError",
  "PreprocessingTimeout",
  "ServiceError",
  "UnexpectedServiceError",
  "PanicError",
  "WebSocketError",
  "DispatcherError",
  "RequestError",
  "InsufficientFundsError",
  "InactiveSubscriptionError",
  "ValidationError",
  "ValueError",
  "RuntimeError",
];
