"""Switches for the points in which servers differ.

The published contract, the live service and a self-hosted ComfyUI differ in them. This module holds
only the switches and their presets. Switches of the cloud are implemented in `engine` and `routes`,
those of a self-hosted server in `comfyui`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Final, Literal, Self, get_args

Preset = Literal["live", "published", "comfyui", "comfyui_new"]
PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """The switches and whether they are on. The defaults are the live service.

    Where the published contract and the live service differ:

    - `validate_at_submit`: an invalid graph is refused with 400 and node errors; otherwise it
      becomes a job that fails
    - `billing_as_429`: no credits, or no subscription, is a 429; otherwise a 402
    - `job_times_in_seconds`: the jobs routes give create and update times in seconds; otherwise in
      milliseconds
    - `published_state_words`: the old status route uses the contract's words; otherwise the
      scheduler's raw ones
    - `assets_from_url`: `POST /api/assets` fetches a URL sent as JSON; otherwise it returns
      UNSUPPORTED_SOURCE
    - `put_asset_tags`: `PUT /api/assets/{id}` replaces the tags too; otherwise it ignores them
    - `queue_deletes_pending_only`: deleting from the queue leaves running jobs alone; otherwise it
      cancels them too
    - `interrupt_all`: interrupting without an id stops every running job; otherwise the oldest one
    - `no_3d_output_type`: the jobs list refuses `output_type=3d`
    - `no_job_cursor`: the jobs list is paged by offset only; it gives no cursor and takes none
    - `no_cancel_routes`: the routes that cancel or delete one job are missing
    - `published_assets`: assets have the contract's fields only: `asset_hash` is `blake3:` and 64
      digits, `preview_url` is absolute; the list has no cursor
    - `published_nodes`: node classes have no nulls, and outputs only names of types
    - `published_userdata`: storing a personal file returns its record with a time as text;
      otherwise only its path, unless full_info is requested
    - `published_refusals`: a request is refused only with statuses that the contract lists; methods
      that it does not list are a 405
    - `published_routes`: operations of version 1 that the contract lacks are missing; those of API
      v2, which has a contract of its own, are there
    - `job_ids_filter`: the list of assets is narrowed by `job_ids`, as until May 2026; otherwise
      the parameter is ignored
    - `executing_null`: the websocket sends `executing` with node null at the end of a run
    - `drop_extra_data`: the extra_data that clients send is dropped
    - `accept_prompt_id`: a prompt_id sent by the client becomes the job's id if it is a UUID;
      otherwise it is ignored
    - `run_unknown_nodes`: a node class missing from the catalogue runs and produces nothing;
      otherwise the job fails
    - `v1_gone`: the operations of version 1 are gone, with 410; API v2 is all there is

    Where a self-hosted ComfyUI differs from the cloud:

    - `no_key`: no key is required, and a given one is ignored
    - `comfyui_routes`: only its operations exist, each also without /api; a missing one looks as it
      does there
    - `bare_errors`: an error is a status without a body; an unexpected one is a 500 in plain text
    - `history_v1`: the history is at `GET /api/history`, as one object, oldest first
    - `comfyui_prompt`: submissions are validated, numbered and refused as there; any text is
      accepted as prompt_id
    - `comfyui_queue`: the queue lists jobs in heap order with extra_data; a deleted job leaves no
      trace; responses are empty
    - `comfyui_socket`: a job's events go only to the socket whose clientId submitted it
    - `comfyui_files`: files have names in folders and are sent directly; an upload with a taken
      name gets another
    - `comfyui_userdata`: lists are bare paths unless full_info is requested; times are floats
    - `comfyui_info`: node classes with nulls, features with a float, its own system stats
    - `multi_user`: personal files need the header `comfy-user`
    - `comfyui_jobs`: `/api/jobs` as newer versions have it: sorted by created_at, without a cursor
    - `newer_comfyui`: other changes of newer versions: create_time in extra_data, other refusals,
      more routes, more fields of node classes, output nodes with outputs, progress in floats
    - `assets_disabled`: every operation on assets and tags is a 503 SERVICE_DISABLED
    """

    validate_at_submit: bool = False
    billing_as_429: bool = False
    job_times_in_seconds: bool = False
    published_state_words: bool = False
    assets_from_url: bool = False
    put_asset_tags: bool = False
    queue_deletes_pending_only: bool = False
    interrupt_all: bool = False
    no_3d_output_type: bool = False
    no_job_cursor: bool = False
    no_cancel_routes: bool = False
    published_assets: bool = False
    published_nodes: bool = False
    published_userdata: bool = False
    published_refusals: bool = False
    published_routes: bool = False
    job_ids_filter: bool = False
    executing_null: bool = True
    drop_extra_data: bool = False
    accept_prompt_id: bool = False
    run_unknown_nodes: bool = False
    v1_gone: bool = False
    no_key: bool = False
    comfyui_routes: bool = False
    bare_errors: bool = False
    history_v1: bool = False
    comfyui_prompt: bool = False
    comfyui_queue: bool = False
    comfyui_socket: bool = False
    comfyui_files: bool = False
    comfyui_userdata: bool = False
    comfyui_info: bool = False
    multi_user: bool = False
    comfyui_jobs: bool = False
    newer_comfyui: bool = False
    assets_disabled: bool = False

    @classmethod
    def preset(cls, name: Preset) -> Self:
        """The switches of a preset.

        "live" is the service, "published" its contract to the letter, "comfyui" a self-hosted
        ComfyUI 0.3.64, "comfyui_new" one of version 0.30 or later with assets disabled. Raises
        ValueError for another name.
        """
        if name not in _SWITCHED_ON:
            raise ValueError(f"unknown preset {name!r}; use one of: {', '.join(PRESETS)}")
        return cls(
            **dict.fromkeys(_SWITCHED_ON[name], True), **dict.fromkeys(_SWITCHED_OFF.get(name, ()), False)
        )

    @classmethod
    def read(cls, wanted: Quirks | str | Collection[str]) -> Quirks:
        """The switches from a `Quirks` value, a preset, or names to switch on.

        Names are switched on in addition to the live ones. Raises ValueError for an unknown name.
        """
        if isinstance(wanted, Quirks):
            return wanted
        known = [field.name for field in fields(cls)]
        if isinstance(wanted, str):
            if wanted not in PRESETS:
                raise ValueError(
                    f"unknown preset {wanted!r}; use one of: {', '.join(PRESETS)}{_advice(wanted, known)}"
                )
            return cls.preset(wanted)
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            advice = _advice(",".join(wanted), known)
            raise ValueError(f"unknown quirk {unknown[0]!r}; use some of: {', '.join(known)}{advice}")
        return cls(**dict.fromkeys(wanted, True))

    @property
    def is_beyond_contract(self) -> bool:
        """Whether responses have forms that no contract has, as those of a self-hosted server."""
        return any(getattr(self, name) for name in _BEYOND_CONTRACT)


def _advice(wanted: str, known: Collection[str]) -> str:
    """How to write what was probably meant: several names in one text, or a preset with quirks."""
    names = [name.strip() for name in wanted.split(",")]
    presets = [name for name in names if name in PRESETS]
    quirks = [name for name in names if name in known]
    if quirks and len(quirks) == len(names):
        return f". Pass names of quirks as a list: quirks={quirks!r}"
    if quirks and len(presets) == 1 and len(quirks) + 1 == len(names):
        changed = ", ".join(f"{name}=True" for name in quirks)
        return (
            ". To change quirks of a preset: "
            f"quirks=dataclasses.replace(Quirks.preset({presets[0]!r}), {changed})"
        )
    return ""


_COMFYUI: Final = (
    "no_key",
    "comfyui_routes",
    "bare_errors",
    "history_v1",
    "comfyui_prompt",
    "comfyui_queue",
    "comfyui_socket",
    "comfyui_files",
    "comfyui_userdata",
    "comfyui_info",
)
_SWITCHED_ON: Final[dict[str, tuple[str, ...]]] = {
    "live": (),
    "published": (
        "validate_at_submit",
        "billing_as_429",
        "job_times_in_seconds",
        "published_state_words",
        "assets_from_url",
        "put_asset_tags",
        "queue_deletes_pending_only",
        "interrupt_all",
        "no_3d_output_type",
        "no_job_cursor",
        "no_cancel_routes",
        "published_assets",
        "published_nodes",
        "published_userdata",
        "published_refusals",
        "published_routes",
    ),
    "comfyui": _COMFYUI,
    "comfyui_new": (*_COMFYUI, "accept_prompt_id", "comfyui_jobs", "newer_comfyui", "assets_disabled"),
}
_SWITCHED_OFF: Final = {"published": ("executing_null",)}
_BEYOND_CONTRACT: Final = (
    *(name for name in _COMFYUI if name not in ("no_key", "history_v1", "comfyui_socket")),
    "v1_gone",
    "multi_user",
    "comfyui_jobs",
    "newer_comfyui",
    "assets_disabled",
)
