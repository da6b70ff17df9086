# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""What the responses of each operation look like by the contract, to compare with what a server
really sends.

`RESPONSES` has, by operationId, the documented statuses (200, "5XX", "default"), each with its
media types and the shape of its JSON. `SCHEMAS` has the named shapes. A shape is None where
anything is allowed, else a dict: `types`, and where they apply `null`, `words` (of an enum),
`instant`, `fields`, `required`, `open` (other fields are allowed), `values` (the shape of other
fields), `items`; or only `ref`, the name of a shape.
"""

from __future__ import annotations

from typing import Any, Final

# fmt: off

RESPONSES: Final[dict[str, dict[int | str, tuple[tuple[str, ...], Any]]]] = {
    'postAssets': {
        201: (('application/json',), {'ref': 'Asset'}),
        200: (('application/json',), {'ref': 'Asset'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        409: (('application/json',), {'ref': 'ErrorEnvelope'}),
        422: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'assetFromHash': {
        201: (('application/json',), {'ref': 'Asset'}),
        200: (('application/json',), {'ref': 'Asset'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
        422: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'headAssetByHash': {
        200: ((), None),
        404: ((), None),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'getAsset': {
        200: (('application/json',), {'ref': 'Asset'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'deleteAsset': {
        204: ((), None),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        409: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'getAssetContent': {
        200: (('application/octet-stream',), None),
        206: (('application/octet-stream',), None),
        302: ((), None),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        416: ((), None),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'listJobs': {
        200: (('application/json',), {'ref': 'JobList'}),
        400: (('application/json',), {'ref': 'ErrorEnvelope'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        429: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
        501: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'postJobs': {
        201: (('application/json',), {'ref': 'Job'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        402: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        422: (('application/json',), {'ref': 'ErrorEnvelope'}),
        429: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'getJob': {
        200: (('application/json',), {'ref': 'Job'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        429: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'getJobWorkflow': {
        200: (('application/json',), {'ref': 'JobWorkflowResponse'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        429: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'getJobEvents': {
        200: (('text/event-stream',), None),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        429: (('application/json',), {'ref': 'ErrorEnvelope'}),
        501: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
    'cancelJob': {
        200: (('application/json',), {'ref': 'Job'}),
        401: (('application/json',), {'ref': 'ErrorEnvelope'}),
        403: (('application/json',), {'ref': 'ErrorEnvelope'}),
        404: (('application/json',), {'ref': 'ErrorEnvelope'}),
        429: (('application/json',), {'ref': 'ErrorEnvelope'}),
        500: (('application/json',), {'ref': 'ErrorEnvelope'}),
    },
}

SCHEMAS: Final[dict[str, Any]] = {
    'Asset': {'types': ('object',), 'fields': {'id': {'types': ('string',)}, 'hash': {'types': ('string',), 'null': True}, 'size_bytes': {'types': ('integer',)}, 'content_type': {'types': ('string',)}, 'file_path': {'types': ('string',), 'null': True}, 'created_new': {'types': ('boolean',)}, 'created_at': {'types': ('string',), 'instant': True}, 'url': {'types': ('string',)}, 'url_expires_at': {'types': ('string',), 'instant': True}, 'expires_at': {'types': ('string',), 'null': True, 'instant': True}, 'job_id': {'types': ('string',), 'null': True}}, 'required': ('id', 'hash', 'size_bytes', 'content_type', 'created_at', 'url', 'url_expires_at')},
    'ErrorEnvelope': {'types': ('object',), 'fields': {'error': {'types': ('object',), 'fields': {'code': {'types': ('string',)}, 'message': {'types': ('string',)}, 'details': {'types': ('object',), 'null': True}}, 'required': ('code', 'message')}}, 'required': ('error',)},
    'Job': {'types': ('object',), 'fields': {'id': {'types': ('string',)}, 'status': {'ref': 'JobStatus'}, 'created_at': {'types': ('string',), 'instant': True}, 'started_at': {'types': ('string',), 'null': True, 'instant': True}, 'completed_at': {'types': ('string',), 'null': True, 'instant': True}, 'expires_at': {'types': ('string',), 'instant': True}, 'queue_position': {'types': ('integer',), 'null': True}, 'progress': {'types': ('object',), 'null': True, 'fields': {'value': {'types': ('number',)}, 'nodes_done': {'types': ('integer',)}, 'nodes_total': {'types': ('integer',)}, 'current_node': {'types': ('string',), 'null': True}, 'current_node_class': {'types': ('string',), 'null': True}, 'step': {'types': ('integer',), 'null': True}, 'steps': {'types': ('integer',), 'null': True}, 'message': {'types': ('string',), 'null': True}}, 'required': ('value', 'nodes_done', 'nodes_total')}, 'outputs': {'types': ('array',), 'items': {'ref': 'Output'}}, 'error': {'types': ('object',), 'null': True, 'fields': {'code': {'types': ('string',)}, 'message': {'types': ('string',)}, 'node_id': {'types': ('string',), 'null': True}, 'class_type': {'types': ('string',), 'null': True}, 'traceback': {'types': ('string',), 'null': True}}, 'required': ('code', 'message')}, 'metrics': {'types': ('object',), 'values': {'types': ('integer',), 'null': True}}, 'urls': {'ref': 'JobUrls'}}, 'required': ('id', 'status', 'created_at', 'started_at', 'completed_at', 'expires_at', 'queue_position', 'progress', 'outputs', 'error', 'urls')},
    'JobList': {'types': ('object',), 'fields': {'jobs': {'types': ('array',), 'items': {'ref': 'JobSummary'}}, 'next_cursor': {'types': ('string',), 'null': True}}, 'required': ('jobs',)},
    'JobStatus': {'types': ('string',), 'words': ('queued', 'running', 'succeeded', 'canceling', 'canceled', 'failed', 'expired')},
    'JobSummary': {'types': ('object',), 'fields': {'id': {'types': ('string',)}, 'status': {'ref': 'JobStatus'}, 'create_time': {'types': ('string',), 'null': True, 'instant': True}, 'update_time': {'types': ('string',), 'null': True, 'instant': True}, 'deployment_id': {'types': ('string',), 'null': True}}, 'required': ('id', 'status')},
    'JobUrls': {'types': ('object',), 'fields': {'self': {'types': ('string',)}, 'events': {'types': ('string',)}, 'cancel': {'types': ('string',)}}, 'required': ('self', 'events', 'cancel')},
    'JobWorkflowResponse': {'types': ('object',), 'fields': {'workflow': {'types': ('object',)}, 'format': {'types': ('string',), 'words': ('save', 'api')}}, 'required': ('workflow', 'format')},
    'Output': {'types': ('object',), 'fields': {'node_id': {'types': ('string',)}, 'name': {'types': ('string',)}, 'type': {'ref': 'OutputType'}, 'content_type': {'types': ('string',)}, 'size_bytes': {'types': ('integer',)}, 'id': {'types': ('string',)}, 'hash': {'types': ('string',), 'null': True}, 'url': {'types': ('string',)}, 'url_expires_at': {'types': ('string',), 'instant': True}, 'job_id': {'types': ('string',), 'null': True}}, 'required': ('node_id', 'name', 'type', 'content_type', 'size_bytes', 'id', 'hash', 'url', 'url_expires_at')},
    'OutputType': {'types': ('string',), 'words': ('image', 'video', 'audio', 'text', 'file', 'latent')},
}
# fmt: on
