// Every kind of fault with the fields that matter for it, and what each field is.

export const GROUPS = {
  "Any request": {
    status: { says: "Answers with a status instead of carrying the request out.", fields: ["status", "retry_after"] },
    reset: { says: "Breaks the connection off before any answer.", fields: [] },
    delay: { says: "Answers properly, but late.", fields: ["seconds"], given: { seconds: 2 } },
    cut: { says: "Answers properly, but the body breaks off.", fields: ["at_bytes"] },
    html: { says: "Answers with a page meant for people.", fields: ["status"], given: { status: 502 } },
    garbage: { says: "Answers with JSON that breaks off.", fields: ["status"], given: { status: 200 } },
    drift: { says: "Jobs come or go just before the answer.", fields: ["insert", "delete"], given: { insert: 1 } },
    retired: { says: "The path is not served any more, for good.", fields: ["status"], given: { status: 404 }, without: ["times"] },
  },
  Submissions: {
    accepted_then: {
      says: "Carries the submission out, but its answer is lost.",
      fields: ["then", "status", "seconds", "lag_seconds", "lag_requests"],
    },
    refused: { says: "Answers with a status and carries nothing out.", fields: ["status"] },
    lag: { says: "The new job is missing in lists for a while.", fields: ["lag_seconds", "lag_requests"], given: { lag_seconds: 3 } },
  },
  Websockets: {
    socket_refuse: { says: "Answers the upgrade with a status.", fields: ["status"], given: { status: 503 } },
    socket_silent: { says: "Nothing comes any more, though the connection stays open.", fields: ["messages"] },
    socket_drop: { says: "The connection breaks off.", fields: ["messages"] },
    socket_garbage: { says: "One frame is no JSON, then all goes on.", fields: ["messages"] },
    socket_foreign: { says: "Before each further message comes one of another job.", fields: ["messages"] },
    socket_disorder: { says: "Further messages come in pairs, the later one first.", fields: ["messages"] },
  },
};

/** The fields by which every fault chooses its requests. */
export const CHOOSING = ["path", "method", "times", "after"];

/**
 * `empty` says what an empty field means, `given` what stands in it at first, `tells` how a fault in the list says it.
 * Numbers are whole unless `step` says otherwise.
 */
export const FIELDS = {
  method: { label: "Method", choices: ["", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"], empty: "any", width: "third" },
  path: { label: "Path", empty: "any path, or a pattern such as /api/jobs/*", list: "paths", width: "whole" },
  times: { label: "How often", type: "number", least: 1, empty: "for good", given: 1, width: "third" },
  after: { label: "Pass first", type: "number", least: 0, empty: "none", width: "third" },
  status: { label: "Status", type: "number", least: 200, most: 599, given: 500, tells: (it) => `answers ${it}` },
  retry_after: { label: "Retry after, s", type: "number", least: 0, empty: "not said", tells: (it) => `retry after ${it} s` },
  seconds: { label: "Wait, s", type: "number", least: 0, step: "any", empty: "none", tells: (it) => `waits ${it} s` },
  at_bytes: { label: "After bytes", type: "number", least: 0, empty: "half", tells: (it) => `after ${it} bytes` },
  insert: { label: "Jobs that come", type: "number", least: 0, empty: "none", tells: (it) => `${it} come` },
  delete: { label: "Jobs that go", type: "number", least: 0, empty: "none", tells: (it) => `${it} go` },
  then: { label: "And then", choices: ["status", "reset", "silence"], tells: (it) => `then ${it}` },
  lag_seconds: { label: "Hidden for, s", type: "number", least: 0, step: "any", empty: "none", tells: (it) => `hidden for ${it} s` },
  lag_requests: { label: "Hidden in lists", type: "number", least: 0, empty: "none", tells: (it) => `hidden in ${it} lists` },
  messages: { label: "After messages", type: "number", least: 0, empty: "at once", tells: (it) => `after ${it} messages` },
};

/** The types of failures that a job can have. */
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
