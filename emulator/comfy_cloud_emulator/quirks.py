"""Switches for the points in which servers differ: the published contract, the live service, a self-hosted ComfyUI.

Only the switches and their presets; each is obeyed where its behaviour lives. Those of the cloud are obeyed in `engine` and
`routes`, those of a self-hosted server in `dialect`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Final, Literal, Self, get_args

Preset = Literal["live", "published", "comfyui", "comfyui_new"]
PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What is switched on. The defaults are the live service.

    Where the published contract and the live service differ:

    - `validate_at_submit`: a bad graph is refused with 400 and node errors; else it becomes a job that fails
    - `billing_as_429`: no credits, or no subscription, is a 429; else a 402
    - `job_times_in_seconds`: create and update time of the jobs routes are seconds; else milliseconds
    - `published_state_words`: the old status route speaks the contract's words; else the scheduler's raw ones
    - `assets_from_url`: `POST /api/assets` fetches an address that is sent as JSON; else UNSUPPORTED_SOURCE
    - `put_asset_tags`: `PUT /api/assets/{id}` replaces the tags too; else it passes over them
    - `queue_deletes_pending_only`: deleting from the queue leaves running jobs alone; else it cancels them too
    - `interrupt_all`: interrupting without an id stops every running job; else the oldest one
    - `no_3d_output_type`: the jobs list refuses `output_type=3d`
    - `no_job_cursor`: the jobs list is paged by offset only: it gives no cursor and takes none
    - `no_cancel_routes`: the routes that cancel or delete one job are missing
    - `executing_null`: the websocket sends `executing` with node null at the end of a run
    - `drop_extra_data`: what a client sends in extra_data is forgotten
    - `accept_prompt_id`: a prompt_id that the client chose becomes the job's id, if it is a UUID; else it is ignored
    - `run_unknown_nodes`: a node class that the catalogue lacks runs and makes nothing; else the job fails

    Where a self-hosted ComfyUI differs from the cloud:

    - `no_key`: no key is asked for, and a given one is not looked at
    - `comfyui_routes`: only its operations exist, each also without /api; what is missing looks as it does there
    - `bare_errors`: an error is a status without a body; what nobody expected is a 500 in plain text
    - `history_v1`: the history is at `GET /api/history`, as one object, oldest first
    - `comfyui_prompt`: submissions are validated, numbered and refused as there; any text can be a prompt_id
    - `comfyui_queue`: the queue is told in heap order with extra_data; a deleted job leaves no trace; answers are empty
    - `comfyui_socket`: a job is told only to the socket whose clientId submitted it
    - `comfyui_files`: files have names in folders, and are sent at once; an upload of a known name gets another
    - `comfyui_userdata`: lists are bare paths unless full_info is wished, times are floats
    - `comfyui_info`: node classes with nulls, features with a float, its own system stats
    - `multi_user`: personal files need the header `comfy-user`
    - `comfyui_jobs`: `/api/jobs` as newer versions have it: sorted by created_at, without cursor
    - `newer_comfyui`: what else newer versions changed: create_time in extra_data, words of refusals, more routes
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
    executing_null: bool = True
    drop_extra_data: bool = False
    accept_prompt_id: bool = False
    run_unknown_nodes: bool = False
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

        "live" is the service, "published" the contract by the letter, "comfyui" a self-hosted ComfyUI 0.3.64, "comfyui_new"
        one of version 0.38 with its assets switched off. Raises ValueError for another name.
        """
        if name not in _SWITCHED_ON:
            raise ValueError(f"unknown preset {name!r}; use one of: {', '.join(PRESETS)}")
        return cls(
            **dict.fromkeys(_SWITCHED_ON[name], True), **dict.fromkeys(_SWITCHED_OFF.get(name, ()), False)
        )

    @classmethod
    def read(cls, wanted: Quirks | str | Collection[str]) -> Quirks:
        """The switches that are wished: as they are, by preset, or by the names to switch on beside the live ones.

        Raises ValueError for a name that does not exist.
        """
        if isinstance(wanted, Quirks):
            return wanted
        if isinstance(wanted, str):
            if wanted not in PRESETS:
                raise ValueError(f"unknown preset {wanted!r}; use one of: {', '.join(PRESETS)}")
            return cls.preset(wanted)
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            raise ValueError(f"unknown quirk {unknown[0]!r}; use some of: {', '.join(known)}")
        return cls(**dict.fromkeys(wanted, True))

    @property
    def is_beyond_contract(self) -> bool:
        """Whether a self-hosted server's forms are spoken, which the cloud's contract does not describe."""
        return any(getattr(self, name) for name in _BEYOND_CONTRACT)


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
    ),
    "comfyui": _COMFYUI,
    "comfyui_new": (*_COMFYUI, "accept_prompt_id", "comfyui_jobs", "newer_comfyui", "assets_disabled"),
}
_SWITCHED_OFF: Final = {"published": ("executing_null",)}
_BEYOND_CONTRACT: Final = (
    *(name for name in _COMFYUI if name not in ("no_key", "history_v1", "comfyui_socket")),
    "multi_user",
    "comfyui_jobs",
    "newer_comfyui",
    "assets_disabled",
)
