"""The JSON Schemas of the control routes. Choices come from the code that checks them."""

from __future__ import annotations

from typing import Any, Final, get_args

from comfy_cloud_emulator.cloud.settings import LARGEST_STEP
from comfy_cloud_emulator.engine.clock import FASTEST, TIME_KINDS
from comfy_cloud_emulator.engine.failures import NODE_MESSAGES, SERVICE_MESSAGES
from comfy_cloud_emulator.faults.fault import KINDS, METHODS, MOST_DRIFT, Afterwards
from comfy_cloud_emulator.quirks import PRESETS, Quirks
from comfy_cloud_emulator.state.account import TIERS
from comfy_cloud_emulator.state.jobs.statuses import STATUSES

Schema = dict[str, Any]
MOST_SEEDED: Final = 100_000
"""Jobs that a reset over HTTP makes; ten thousand take about a second."""

TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "number"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
FLAG: Final[Schema] = {"type": "boolean"}


def about(schema: Schema, description: str) -> Schema:
    """A schema with a description."""
    return {**schema, "description": description}


def optional(schema: Schema) -> Schema:
    """The schema, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def listed(schema: Schema) -> Schema:
    """A list of values of the schema."""
    return {"type": "array", "items": schema}


def named(name: str) -> Schema:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(properties: dict[str, Schema], required: tuple[str, ...] | None = None) -> Schema:
    """An object with no other properties. All are required unless `required` names some."""
    names = list(properties if required is None else required)
    found: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return found | ({"required": names} if names else {})


_MOMENT: Final = about(COUNT, "Unix time in milliseconds, emulated.")
_ACCOUNT_CHANGES: Final[dict[str, Schema]] = {
    "tier": about({"type": "string", "enum": list(TIERS)}, "Decides how many jobs run at a time."),
    "credits": about({"type": ["number", "null"], "minimum": 0}, "What jobs may cost; null for no limit."),
    "subscription_active": FLAG,
}
_FAULT_WHERE: Final[dict[str, Schema]] = {
    "method": about({"type": ["string", "null"], "enum": [*METHODS, None]}, "Null for any."),
    "path": about(optional(TEXT), "Exact, or a pattern such as /api/jobs/*; null for every path of the API."),
    "times": about({"type": ["integer", "null"], "minimum": 1}, "How many requests it hits; null for all."),
    "after": about(COUNT, "How many requests pass first."),
}
_FAULT_DETAILS: Final[dict[str, Schema]] = {
    "status": {"type": ["integer", "null"], "minimum": 200, "maximum": 599},
    "retry_after": about({"type": ["integer", "string", "null"]}, "The Retry-After header."),
    "body": about({}, "Text, or a value that is sent as JSON."),
    "content_type": optional(TEXT),
    "seconds": about({"type": "number", "minimum": 0}, "A wait before anything else."),
    "at_bytes": about({"type": ["integer", "null"], "minimum": 0}, "Where a body is cut; null for half."),
    "insert": about({**COUNT, "maximum": MOST_DRIFT}, "Jobs that a drift adds."),
    "delete": about({**COUNT, "maximum": MOST_DRIFT}, "Entries that a drift removes from the history."),
    "then": {"type": "string", "enum": list(get_args(Afterwards))},
    "lag_seconds": {"type": "number", "minimum": 0},
    "lag_requests": COUNT,
    "messages": about(COUNT, "Messages that a websocket sends first."),
}

SCHEMAS: Final[dict[str, Schema]] = {
    "Error": about(closed({"code": TEXT, "message": TEXT}), "What is wrong, for programs and for people."),
    "Health": closed(
        {
            "status": {"const": "ready"},
            "version": about(optional(TEXT), "That of the package; null where it is not installed."),
            "uptime": about(NUMBER, "Seconds since the start, by the clock of the machine."),
            "url": about(TEXT, "The base URL of the API, as this request reached it."),
            "files_url": about(TEXT, "The origin of signed URLs."),
            "counts": closed(
                {
                    "accounts": COUNT,
                    "jobs": about(
                        {
                            "type": "object",
                            "propertyNames": {"enum": list(STATUSES)},
                            "additionalProperties": COUNT,
                        },
                        "By status, of all accounts.",
                    ),
                    "requests": COUNT,
                    "file_requests": COUNT,
                    "faults": COUNT,
                    "file_faults": COUNT,
                    "leaks": COUNT,
                }
            ),
        },
        # Without the key, an emulator that other machines can reach only says that it is ready.
        ("status",),
    ),
    "Settings": about(
        closed(
            {
                "seed_data": about(
                    {
                        "oneOf": [
                            {"enum": ["demo", "none", None]},
                            {"type": "integer", "minimum": 0, "maximum": MOST_SEEDED},
                        ]
                    },
                    '"demo" for about three hundred jobs, "none" or null for an empty cloud, or a number.',
                ),
                "seed": about({"type": "integer"}, "Drives everything random in the seed data."),
                "time": {"type": "string", "enum": list(TIME_KINDS)},
                "speed": about(
                    {"type": "number", "exclusiveMinimum": 0, "maximum": FASTEST},
                    "How many times faster jobs run.",
                ),
                "auto_advance": about(
                    {"type": ["boolean", "number"], "minimum": 0, "maximum": LARGEST_STEP},
                    "Seconds that each poll advances the time.",
                ),
                "tier": {"type": "string", "enum": list(TIERS)},
                "credits": {"type": ["number", "null"], "minimum": 0},
                "quirks": about(
                    {
                        "oneOf": [
                            {"type": "string", "enum": list(PRESETS)},
                            listed({"type": "string", "enum": list(Quirks.__dataclass_fields__)}),
                        ]
                    },
                    "A preset, or names of quirks that are switched on beside those of the service.",
                ),
            },
            (),
        ),
        "Arguments of the emulator. Those that are left out return to their values from the start.",
    ),
    "Job": closed(
        {
            "id": TEXT,
            "account": TEXT,
            "status": {"type": "string", "enum": list(STATUSES)},
            "state": about(TEXT, "The raw state that the old status route shows."),
            "number": COUNT,
            "create_time": _MOMENT,
            "start_time": {**_MOMENT, "type": ["integer", "null"]},
            "end_time": {**_MOMENT, "type": ["integer", "null"]},
            "held": about(FLAG, "Whether it stays where it is until it is released."),
            "moves": about(FLAG, "Whether the emulator runs it; jobs of the seed data never move."),
            "node": about(optional(TEXT), "The id of the current node of a running job."),
            "executed": about(COUNT, "How many times its execution began."),
            "error": {
                "oneOf": [
                    {"type": "null"},
                    closed(
                        {
                            "exception_type": TEXT,
                            "exception_message": TEXT,
                            "node_id": TEXT,
                            "node_type": TEXT,
                        }
                    ),
                ]
            },
        }
    ),
    "Failure": closed(
        {
            "exception_type": about(
                optional(TEXT),
                f"One of {', '.join(NODE_MESSAGES | SERVICE_MESSAGES)}, or the name of a Python exception."
                " OOMError unless it is given.",
            ),
            "node": about(optional(TEXT), "Id or class of the node where it happens."),
            "message": optional(TEXT),
        },
        (),
    ),
    "Submission": closed(
        {
            "prompt_id": TEXT,
            "number": NUMBER,
            "create_time": _MOMENT,
            "workflow_id": optional(TEXT),
            "client_id": optional(TEXT),
            "extra_data": about({"type": "object"}, "As it was sent, without keys."),
            "executed": COUNT,
        }
    ),
    "Account": closed(
        {
            "name": TEXT,
            "key": about(TEXT, "Only in the response that made it up."),
            "concurrent_jobs": COUNT,
            **_ACCOUNT_CHANGES,
        },
        ("name", "concurrent_jobs", *_ACCOUNT_CHANGES),
    ),
    "AccountChanges": closed(_ACCOUNT_CHANGES, ()),
    "NewAccount": closed(
        {
            "key": about(TEXT, "A random one is made unless it is given."),
            "name": about(TEXT, "Made from the key unless it is given."),
            **_ACCOUNT_CHANGES,
        },
        (),
    ),
    "Time": closed(
        {
            "now": about(NUMBER, "Seconds since 1970, emulated."),
            "kind": {"type": "string", "enum": list(TIME_KINDS)},
            "speed": NUMBER,
            "frozen": about(FLAG, "Virtual time always is."),
        }
    ),
    "TimeChange": about(
        closed(
            {
                "advance": about({"type": "number", "minimum": 0}, "Seconds to move ahead."),
                "set": about(
                    {"type": ["number", "string"]},
                    "A later instant: seconds since 1970, or a date with time and zone.",
                ),
                "frozen": FLAG,
            },
            (),
        )
        | {"minProperties": 1, "not": {"required": ["advance", "set"]}},
        "The response comes when everything that is due by then has happened.",
    ),
    "Fault": about(
        closed(
            {"kind": {"type": "string", "enum": list(KINDS)}, **_FAULT_WHERE, **_FAULT_DETAILS}, ("kind",)
        ),
        "What goes wrong, for which requests, and how often.",
    ),
    "FaultText": about(
        TEXT, "As `comfy-cloud emulate --fault` has it, such as `500 x2 GET /api/history_v2`."
    ),
    "PendingFault": closed({"id": COUNT, "skips_left": COUNT, "hits_left": optional(COUNT)}),
    "Request": closed(
        {
            "method": TEXT,
            "path": TEXT,
            "raw_path": about(TEXT, "As it was sent."),
            "query": listed({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}),
            "headers": about({"type": "object", "additionalProperties": TEXT}, "Without keys."),
            "body": about(TEXT, "The first MiB of it; empty where the bodies listed are 4 MiB already."),
            "status": about({"type": ["integer", "null"]}, "Null when there was no response."),
            "fault": about(optional(TEXT), "The kind of the fault that hit it."),
            "account": about(optional(TEXT), "Whose key it carried; null without a known key."),
            "started": about(NUMBER, "Seconds since 1970, by the clock of the machine."),
            "seconds": about({"type": ["number", "null"]}, "How long it took; null while it is handled."),
        }
    ),
    "Leak": closed(
        {"method": TEXT, "path": TEXT, "header": about(TEXT, "Its name, or `query` for a key in the URL.")}
    ),
}
