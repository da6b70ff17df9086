"""Large numbers of jobs, quickly: the history that benchmarks page through.

A few real jobs are encoded once as templates; each further job is a template filled in with its id
and times. Every job is a completed text-to-image run, oldest first, ten seconds apart.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from comfy_cloud_emulator.media import samples
from comfy_cloud_emulator.state.jobs import rows, timeline
from comfy_cloud_emulator.state.jobs.factory import make_job, node_meta
from comfy_cloud_emulator.state.store import Store

from . import graphs

STEP_MS: Final = 10_000
"""Milliseconds between one job and the next."""
VARIANTS: Final = 16
"""Number of different jobs used as templates."""

# Marks that occur nowhere else in a job. The numbers stand for instants.
_ID: Final = "00000000-0000-4000-8000-00000000c0de"
_HASH: Final = "f00d" * 8
_NAME: Final = "beef" * 16
_NUMBER: Final = 7_000_000_000_000
_CREATED: Final = 7_100_000_000_000
_STARTED: Final = 7_200_000_000_000
_ENDED: Final = 7_300_000_000_000


class _Variant(NamedTuple):
    """One template: bytes with fields for id, hash, number and instants, and its row of sources."""

    entry: bytes
    listing: bytes
    source: rows.Source
    kinds: str
    workflow_id: str | None
    wait: int
    run: int
    is_small: bool


def fill(store: Store, count: int, seed: int, *, images: int) -> None:
    """Add `count` jobs, the newest two steps before now, so that it is over.

    With one image each, an entry has about 1 KB and its image can be fetched. With 11 it has about
    3 KB, and the names are made up, because hashing would take longer than everything else.
    """
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    variants = [_variant(rng, images) for _ in range(VARIANTS)]
    first_number = store.reserve_numbers(count)
    oldest = store.now() - (count + 1) * STEP_MS
    store.add_rows(
        _rows(rng, variants, count, first_number, oldest), {variant.source for variant in variants}
    )


def _rows(
    rng: Random, variants: list[_Variant], count: int, first_number: int, oldest: int
) -> Iterator[rows.JobRow]:
    for index in range(count):
        variant = variants[index % VARIANTS]
        bits = rng.getrandbits(128)
        id = str(uuid.UUID(int=bits, version=4))
        number, created = first_number + index, oldest + index * STEP_MS
        started = created + variant.wait
        ended = started + variant.run
        marks = {
            b"id": id.encode(),
            b"hash": b"%032x" % bits,
            b"name": samples.tiny_png_name(id).encode() if variant.is_small else b"",
            b"number": number,
            b"created": created,
            b"started": started,
            b"cached": started + 4,
            b"ended": ended,
        }
        yield rows.JobRow(
            number=number,
            id=id,
            status="completed",
            state="success",
            terminal=True,
            create_time=created,
            update_time=ended,
            start_time=started,
            end_time=ended,
            workflow_id=variant.workflow_id,
            kinds=variant.kinds,
            digest=variant.source.digest,
            entry=variant.entry % marks,
            listing=variant.listing % marks,
        )


def _variant(rng: Random, images: int) -> _Variant:
    graph = graphs.text_to_image(rng)
    save = graphs.output_node(graph)
    ran = list(graph) if images > 1 else [save]
    job = make_job(
        id=_ID,
        number=_NUMBER,
        create_time=_CREATED,
        start_time=_STARTED,
        end_time=_ENDED,
        workflow_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        graph=graph,
        extra_data={"client_id": f"{rng.getrandbits(128):032x}", "comfy_usage_source": "bench"},
        outputs={save: {"images": [_image(index, small=images == 1) for index in range(images)]}},
        messages=timeline.succeeded(_ID, _STARTED, _ENDED, cached=ran[:3]),
        meta={node_id: node_meta(node_id) for node_id in ran},
    )
    row, source = rows.encode(job)
    return _Variant(
        entry=_template(row.entry),
        listing=_template(row.listing),
        source=source,
        kinds=row.kinds,
        workflow_id=job.workflow_id,
        wait=rng.randrange(200, 4_000),
        run=rng.randrange(1_500, 9_000),
        is_small=images == 1,
    )


def _image(index: int, *, small: bool) -> dict[str, str]:
    # The job's 32 digits and the index, so no two files share a name.
    return {
        "filename": f"{_NAME}.png" if small else f"{_HASH}{index:032x}.png",
        "subfolder": "",
        "type": "output",
        "display_name": f"bench_{index + 1:05d}_.png",
    }


def _template(encoded: bytes) -> bytes:
    variant = encoded.replace(b"%", b"%%")
    for mark, index in (
        (_ID, b"%(id)b"),
        (_HASH, b"%(hash)b"),
        (f"{_NAME}.png", b"%(name)b"),
        (f"{_NUMBER}.0", b"%(number)d.0"),
        (_CREATED, b"%(created)d"),
        (_STARTED + 4, b"%(cached)d"),
        (_STARTED, b"%(started)d"),
        (_ENDED, b"%(ended)d"),
    ):
        variant = variant.replace(str(mark).encode(), index)
    return variant
