"""What the full-text index is made of: words, words inside names, and rowids by time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.index_tokens import index_tokens
from comfy_cloud.mirror.name_words import with_name_words
from comfy_cloud.mirror.search_index import fts5_words
from comfy_cloud.mirror.search_rowids import (
    end_rowid,
    first_rowid,
    free_rowids,
    is_at_home,
    ordered_rowids,
)

from .sample import fill

# What FTS5 knows of Latin, Greek, Cyrillic, Hebrew, kana and Chinese.
RANGES = ((0x20, 0x1DF), (0x1F8, 0x36F), (0x386, 0x3CE), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x3041, 0x30FF),
          (0x4E00, 0x9FCC))  # fmt: skip
LETTERS = st.one_of(
    [
        st.characters(min_codepoint=first, max_codepoint=last, exclude_categories=("Cn",))
        for first, last in RANGES
    ]
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("KSampler", "sampler"),
        ("CLIPTextEncode", "clip text encode"),
        ("VAEDecodeTiled", "vae decode tiled"),
        ("UNETLoader", "unet loader"),
        ("flux1-dev.safetensors", "flux"),
        ("sd_xl_base_1.0.safetensors", ""),
        ("loras/juggernautXL_v9.ckpt", "juggernaut xl"),
        ("4x-UltraSharp.pth", "ultra sharp"),
        ("ÖlBild", "öl bild"),
        ("Load Image", ""),
        ("桜の木", ""),
    ],
)
def test_words_inside_names(name: str, words: str) -> None:
    assert with_name_words(name) == (f"{name}\n{words}" if words else name)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aZ9 -_ÀéİΣß") | LETTERS, max_size=12))
@example("École NAÏVE e\u0301te\u0301 Ệ Ångström Ёлка")
def test_texts_are_divided_as_fts5_divides_them(text: str) -> None:
    assert set(index_tokens(text)) == fts5_words([text])


def test_rowids_are_in_the_order_of_time() -> None:
    times = [None, None, 0, 5, 5, 5, 1_800_000_000_000]
    rowids = list(ordered_rowids(times))
    assert rowids == sorted(set(rowids))
    assert all(is_at_home(rowid, time) for rowid, time in zip(rowids, times, strict=True))
    crowd = list(ordered_rowids([7] * 1000 + [8]))
    assert len(set(crowd)) == 1001
    assert all(first_rowid(7) <= rowid < end_rowid(8) for rowid in crowd)
    assert list(ordered_rowids([-(2**62), 2**62])) == [first_rowid(-5), first_rowid(2**60)]


def test_new_rowids_leave_the_known_ones_alone(tmp_path: Path) -> None:
    with Mirror.open(tmp_path / "m.sqlite") as mirror:
        fill(mirror, 3)
        with mirror.store.writing() as connection:
            rows = connection.exec_driver_sql("SELECT number, created_ms, search_rowid FROM jobs").all()
            known = {row[2] for row in rows}
            time = rows[0][1]
            found = free_rowids(connection, [time] * 40 + [None, None] + [time])
            assert len(set(found) | known) == len(found) + len(known)
            assert found[:40] == sorted(found[:40], reverse=True)  # the first of a page is the newest
            assert found[40] > found[41]
            connection.exec_driver_sql(
                "UPDATE jobs SET created_ms = NULL, search_rowid = ? WHERE number = ?",
                (found[40], rows[0][0]),
            )
            assert free_rowids(connection, [None]) == [found[40] + 1]


def test_a_name_is_found_by_the_words_inside_it(tmp_path: Path) -> None:
    with Mirror.open(tmp_path / "m.sqlite") as mirror:
        fill(mirror, 60)
        detailed = len(mirror.query("SELECT id FROM jobs WHERE has_details"))
        assert len(mirror.search("sampler", limit=None)) == len(mirror.search("title:KSampler", limit=None))
        assert len(mirror.search("title:encode", limit=None)) == detailed
        flux = len(mirror.query("SELECT id FROM jobs WHERE model LIKE 'flux%'"))
        assert len(mirror.search("flux", limit=None)) == len(mirror.search("FLUX1", limit=None)) == flux > 0
        assert mirror.search("prompt:sampler") == mirror.search("ampler") == mirror.search("nothing")
