# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .history_detail_entry_prompt import HistoryDetailEntryPrompt


@_define
class HistoryDetailEntry(Model):
    """A finished job with the graph that ran.

    Attributes:
        prompt: The submission.
        outputs: What the nodes produced: node identifier to an object of named lists. An item with
            a `filename` is a file for `GET /api/view`, whatever the list is called (`images`,
            `video`, `audio`, `3d`...).
        status: How the run ended: `status_str` is `success` or `error`, and `messages` holds the
            run's events with millisecond timestamps. A cancelled run also has `error`; its
            `execution_interrupted` message tells it apart.
        meta: Per node, which node of the editor it belongs to; needed to place the outputs of
            subgraphs.
    """

    prompt: HistoryDetailEntryPrompt | None = None
    outputs: dict[str, Any] | None = None
    status: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt": "prompt",
        "outputs": "outputs",
        "status": "status",
        "meta": "meta",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt = None if (value := get("prompt")) is None else HistoryDetailEntryPrompt.read(value)
        self.outputs = get("outputs")
        self.status = get("status")
        self.meta = get("meta")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(HistoryDetailEntry._JSON_NAMES)
