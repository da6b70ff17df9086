"""What a submission is made of, and what its errors mean: pure rules for `_async/submission.py`.

Nothing here sends anything. The search for a submission whose answer was lost is decided in `reconcile`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ..errors import (
    ApiError,
    ComfyCloudError,
    ConfigurationError,
    ConnectionFailed,
    Forbidden,
    NotSupported,
    PaymentRequired,
    RateLimited,
    RequestTimeout,
    Unauthorized,
    UnexpectedResponse,
)
from ..retry import Failure, was_surely_not_accepted
from .reconciliation import NONCE_FIELD

PARTNER_KEY_FIELD = "api_key_comfy_org"
_PARTNER_FIELDS = frozenset((PARTNER_KEY_FIELD, "auth_token_comfy_org"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOptions:
    """The options of `ComfyCloud.submit`, as they were given."""

    randomise_seeds: bool = False
    extra_data: Mapping[str, Any] | None = None
    partial_execution_targets: Iterable[str] | None = None
    workflow_id: str | None = None
    client_id: str | None = None
    partner_nodes: bool | None = None

    @property
    def has_partner_key(self) -> bool:
        """Whether the caller passes a key for partner nodes along by themselves."""
        return bool(_PARTNER_FIELDS & (self.extra_data or {}).keys())

    def body(
        self,
        graph: Mapping[str, Any],
        ui: Mapping[str, Any] | None,
        nonce: str,
        client_id: str,
        partner_key: str | None,
    ) -> dict[str, Any]:
        """The body of POST /api/prompt. Raises ConfigurationError when the targets are not a list of ids.

        `ui` is the workflow as the editor draws it; servers write it into the pictures made.
        """
        beside: dict[str, Any] = {**(self.extra_data or {}), NONCE_FIELD: nonce}
        if ui is not None:
            beside.setdefault("extra_pnginfo", {"workflow": ui})
        if partner_key is not None:
            beside[PARTNER_KEY_FIELD] = partner_key
        body: dict[str, Any] = {"prompt": graph, "extra_data": beside, "client_id": client_id}
        if self.workflow_id is not None:
            body["workflow_id"] = self.workflow_id
        if self.partial_execution_targets is not None:
            if isinstance(self.partial_execution_targets, str):
                raise ConfigurationError(
                    "partial_execution_targets takes a list of node ids, such as ['9'], not one text"
                )
            body["partial_execution_targets"] = [str(node) for node in self.partial_execution_targets]
        return body


def is_open(error: ComfyCloudError) -> bool:
    """Whether an error of a submission leaves it open whether the server accepted it."""
    if isinstance(error, ApiError):
        failure = Failure(kind="status", status=error.status, error_code=error.code)
        return (error.status == 408 or error.status >= 500) and not was_surely_not_accepted(failure)
    if isinstance(error, (ConnectionFailed, RequestTimeout)):
        return error.was_sent
    if isinstance(error, UnexpectedResponse):
        return error.status is None or error.status < 300
    return False


def was_not_accepted_for_now(error: ComfyCloudError) -> bool:
    """Whether a submission surely was not accepted, and may be later: the queue is full, or the server was not reached."""
    if isinstance(error, RateLimited):
        return True
    return isinstance(error, (ConnectionFailed, RequestTimeout)) and not error.was_sent


def holds_for_all(error: ComfyCloudError) -> bool:
    """Whether an error is not about one submission, but about the account, the server, or what all of them share.

    A full queue and a server that cannot be reached count, too: whoever sees them here has waited long enough.
    """
    if isinstance(error, (Unauthorized, PaymentRequired, Forbidden, NotSupported)):
        return True
    if isinstance(error, UnexpectedResponse):
        return not is_open(error)
    return was_not_accepted_for_now(error)


def has_partner_node(graph: Mapping[str, Any], classes: Mapping[str, Any]) -> bool:
    """Whether a graph has a node that a partner service carries out, by the raw node classes of a server."""
    for node in graph.values():
        name = node.get("class_type") if isinstance(node, Mapping) else None
        info = classes.get(name) if isinstance(name, str) else None
        if isinstance(info, Mapping) and info.get("api_node") is True:
            return True
    return False


def graph_name(asset: Any, path: PurePath) -> str:
    """The name by which a graph calls a stored file: that of its content, never the one for people.

    Raises UnexpectedResponse when the server did not tell it.
    """
    if asset.loader_path:
        return str(asset.loader_path)
    digest = str(asset.asset_hash or asset.hash_ or "")
    if "." in digest:
        return digest
    digest = digest.rpartition(":")[2]
    if not digest:
        raise UnexpectedResponse("The stored file came back without the hash that a graph calls it by")
    return f"{digest}{path.suffix.lower()}"
