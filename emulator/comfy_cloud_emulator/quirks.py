"""Switches for the points in which the published contract and the live service differ, as far as jobs go.

Only the switches and their two presets; each is obeyed where its behaviour lives.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Final, Literal, Self, get_args

Preset = Literal["live", "published"]
PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What is switched on. The defaults are the live service.

    - `validate_at_submit`: a bad graph is refused with 400 and node errors; else it becomes a job that fails
    - `billing_as_429`: no credits, or no subscription, is a 429; else a 402
    - `job_times_in_seconds`: create and update time of the jobs routes are seconds; else milliseconds
    - `published_state_words`: the old status route speaks the contract's words; else the scheduler's raw ones
    - `queue_deletes_pending_only`: deleting from the queue leaves running jobs alone; else it cancels them too
    - `interrupt_all`: interrupting without an id stops every running job; else the oldest one
    - `no_cancel_routes`: the routes that cancel or delete one job are missing
    - `executing_null`: the websocket sends `executing` with node null at the end of a run
    - `drop_extra_data`: what a client sends in extra_data is forgotten
    - `accept_prompt_id`: a prompt_id that the client chose becomes the job's id; else it is ignored
    - `run_unknown_nodes`: a node class that the catalogue lacks runs and makes nothing; else the job fails
    """

    validate_at_submit: bool = False
    billing_as_429: bool = False
    job_times_in_seconds: bool = False
    published_state_words: bool = False
    queue_deletes_pending_only: bool = False
    interrupt_all: bool = False
    no_cancel_routes: bool = False
    executing_null: bool = True
    drop_extra_data: bool = False
    accept_prompt_id: bool = False
    run_unknown_nodes: bool = False

    @classmethod
    def preset(cls, name: Preset) -> Self:
        """The switches of a preset: "live", or "published" for the contract by the letter."""
        if name not in PRESETS:
            raise ValueError(f"unknown preset {name!r}; use one of: {', '.join(PRESETS)}")
        if name == "live":
            return cls()
        return cls(
            validate_at_submit=True,
            billing_as_429=True,
            job_times_in_seconds=True,
            published_state_words=True,
            queue_deletes_pending_only=True,
            interrupt_all=True,
            no_cancel_routes=True,
            executing_null=False,
        )

    @classmethod
    def read(cls, wish: Quirks | str | Collection[str]) -> Quirks:
        """The switches that are wished: as they are, by preset, or by the names to switch on beside the live ones.

        Raises ValueError for a name that does not exist.
        """
        if isinstance(wish, Quirks):
            return wish
        if isinstance(wish, str):
            if wish not in PRESETS:
                raise ValueError(f"unknown preset {wish!r}; use one of: {', '.join(PRESETS)}")
            return cls.preset(wish)
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(wish) - set(known))
        if unknown:
            raise ValueError(f"unknown quirk {unknown[0]!r}; use some of: {', '.join(known)}")
        return cls(**dict.fromkeys(wish, True))
