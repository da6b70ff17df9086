"""A small contract that tests change in one place, and its parts by name."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
REF = "#/components/schemas/"

BASE: Document = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "https://one.example"}],
    "security": [{"Key": []}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "getThing",
                "tags": ["thing"],
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
                    },
                    {"name": "order", "in": "query", "schema": {"type": "string", "enum": ["up", "down"]}},
                ],
                "responses": {
                    "200": {
                        "description": "A thing.",
                        "content": {"application/json": {"schema": {"$ref": f"{REF}Thing"}}},
                    },
                    "404": {
                        "description": "None.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                },
            },
            "put": {
                "operationId": "putThing",
                "tags": ["thing"],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": f"{REF}ThingUpdate"}}}},
                "responses": {"204": {"description": "Done."}},
            },
        }
    },
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "state": {"type": "string", "enum": ["new", "old"]},
                    "parts": {"type": "array", "items": {"$ref": f"{REF}Thing"}},
                    "size": {"type": "number", "nullable": True},
                    "made": {"type": "string", "format": "date-time"},
                    "extra": {"type": "object", "additionalProperties": {"type": "string"}},
                    "one": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
            "ThingUpdate": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 9, "nullable": True},
                    "note": {"type": "string", "enum": ["a", "b"]},
                    "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
            "Message": {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a"]}}},
        },
    },
}


def get(document: Document) -> Any:
    return document["paths"]["/things/{id}"]["get"]


def put(document: Document) -> Any:
    return document["paths"]["/things/{id}"]["put"]


def schema(document: Document, name: str) -> Any:
    return document["components"]["schemas"][name]


def fields(document: Document, name: str) -> Any:
    return schema(document, name)["properties"]
