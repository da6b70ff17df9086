"""The options that `submit`, `run` and `map` share, and the request body made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypedDict

from .._errors.key_forms import REDACTED
from .._errors.redaction import PARTNER_KEY_FIELDS
from ..errors import ConfigurationError
from .idempotency_keys import REQUEST_FIELD, key_from
from .reconciliation import NONCE_FIELD

if TYPE_CHECKING:
    from .._files.progress import ProgressOption
    from .._settings.config import Settings

PARTNER_KEY_FIELD, _ = PARTNER_KEY_FIELDS


class SubmitArguments(TypedDict, total=False):
    """The keyword arguments that `submit`, `run` and `map` have in common."""

    randomise_seeds: bool
    """Randomise every seed; the values are in `job.seeds`. Seeds given in `inputs` stay."""

    extra_data: Mapping[str, Any] | None
    """Extra data to send with the graph."""

    partial_execution_targets: Iterable[str] | None
    """The ids of the output nodes to run; by default all of them."""

    workflow_id: str | None
    """The id of the saved workflow that this graph is a version of."""

    client_id: str | None
    """The id of your own websocket, to which a self-hosted ComfyUI sends the job's messages."""

    partner_nodes: bool | None
    """Whether to send the key that partner nodes need. By default a partner key is sent to every
    server, and the API key in its place to Comfy Cloud only."""

    idempotency_key: str | None
    """A text that names this order, such as "order-17": one key becomes at most one job, whichever
    process, machine or retry uses it."""

    upload_progress: ProgressOption
    """Called as `progress(sent, total)` in bytes for each upload of an input; True draws a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOptions:
    """The values of `SubmitArguments`, with their defaults."""

    randomise_seeds: bool = False
    extra_data: Mapping[str, Any] | None = None
    partial_execution_targets: Iterable[str] | None = None
    workflow_id: str | None = None
    client_id: str | None = None
    partner_nodes: bool | None = None
    idempotency_key: str | None = None
    upload_progress: ProgressOption = None

    @classmethod
    def from_arguments(cls, method: str, arguments: SubmitArguments) -> Self:
        """The options that `method` was called with.

        Raises TypeError for an unknown name, as Python does for a signature without `**`.
        """
        for name in arguments:
            if name not in SubmitArguments.__optional_keys__:
                raise TypeError(f"{method}() got an unexpected keyword argument {name!r}")
        key_from(arguments.get("idempotency_key"))
        return cls(**arguments)

    @property
    def has_partner_key(self) -> bool:
        """Whether `extra_data` already contains a key for partner nodes."""
        return any(name in self._sent_extra_data for name in PARTNER_KEY_FIELDS)

    @property
    def _sent_extra_data(self) -> dict[str, Any]:
        """`extra_data` without what it contains if it was read from another job: redacted keys, and
        the digest of an idempotency key's request.
        """
        return {
            name: value
            for name, value in (self.extra_data or {}).items()
            if name != REQUEST_FIELD and not (name in PARTNER_KEY_FIELDS and value == REDACTED)
        }

    def body(
        self,
        graph: Mapping[str, Any],
        ui: Mapping[str, Any] | None,
        nonce: str,
        client_id: str,
        partner_key: str | None,
        request: str | None = None,
    ) -> dict[str, Any]:
        """The body of POST /api/prompt.

        `ui` is the workflow in the editor's format; servers write it into the images they make.
        `request` is the digest of what an idempotency key is used for.

        Raises ConfigurationError if `partial_execution_targets` is not a list of ids.
        """
        extra_data: dict[str, Any] = {**self._sent_extra_data, NONCE_FIELD: nonce}
        if request is not None:
            extra_data[REQUEST_FIELD] = request
        if ui is not None:
            extra_data.setdefault("extra_pnginfo", {"workflow": ui})
        if partner_key is not None:
            extra_data[PARTNER_KEY_FIELD] = partner_key
        body: dict[str, Any] = {"prompt": graph, "extra_data": extra_data, "client_id": client_id}
        if self.workflow_id is not None:
            body["workflow_id"] = self.workflow_id
        if self.partial_execution_targets is not None:
            if isinstance(self.partial_execution_targets, str):
                raise ConfigurationError(
                    "partial_execution_targets takes a list of node ids, such as ['9'], not a single string"
                )
            body["partial_execution_targets"] = [str(node) for node in self.partial_execution_targets]
        return body


def shared_by_variants(options: SubmitOptions) -> list[Any]:
    """What distinguishes submissions of one graph: the options that change what runs."""
    targets = options.partial_execution_targets
    if targets is not None and not isinstance(targets, str):
        targets = [str(node) for node in targets]
    return [targets, options.workflow_id, options.randomise_seeds]


def partner_key_of(settings: Settings, options: SubmitOptions) -> str | None:
    """The key to send for partner nodes, or None.

    A partner key of the settings is meant for the server, whichever it is. The API key is sent
    unasked to Comfy Cloud alone, which has it anyway.

    Raises ConfigurationError if a key was asked for and there is none.
    """
    if options.partner_nodes is False or options.has_partner_key:
        return None
    key = settings.partner_api_key
    if key is None and (options.partner_nodes or settings.is_comfy_cloud):
        key = settings.api_key
    if key is None and options.partner_nodes:
        raise ConfigurationError("Partner nodes need a key: pass partner_api_key= or api_key= to the client")
    return key.reveal() if key is not None else None
