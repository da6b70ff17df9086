"""Searching a mirror: what is found, in which order, and that nothing typed is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.fts5_query import fts5_match
from comfy_cloud.mirror.query_language import Term, read_query

from .sample import fill


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    path = tmp_path_factory.mktemp("mirror") / "history.sqlite"
    with Mirror.open(path) as made:
        fill(made, 400)
    with Mirror.open(path, read_only=True) as opened:
        yield opened


def prompts(mirror: Mirror, query: str, **filters: str) -> list[str]:
    return mirror.search(query, limit=None, **filters).column("prompt")  # type: ignore[arg-type]


def count(mirror: Mirror, condition: str) -> int:
    return int(mirror.query(f"SELECT count(*) AS n FROM overview WHERE {condition}")[0]["n"])


def test_all_words_must_be_there(mirror: Mirror) -> None:
    found = prompts(mirror, "LIGHTHOUSE dusk")
    assert len(found) == count(mirror, "prompt LIKE '%lighthouse at dusk%'") > 0
    assert all("lighthouse at dusk" in prompt for prompt in found)


def test_a_minus_excludes(mirror: Mirror) -> None:
    found = mirror.search("lighthouse -blurry", limit=None)
    assert len(found) == count(mirror, "prompt LIKE '%lighthouse%' AND negative NOT LIKE '%blurry%'") > 0
    assert not any("blurry" in row["negative"] for row in found)


def test_only_exclusions_leave_the_rest_newest_first(mirror: Mirror) -> None:
    found = mirror.search("-blurry", limit=None)
    assert len(found) == count(mirror, "coalesce(negative, '') NOT LIKE '%blurry%'")
    assert found.column("created_ms") == sorted(found.column("created_ms"), reverse=True)


def test_a_phrase_keeps_its_order(mirror: Mirror) -> None:
    assert prompts(mirror, '"at dusk"') == prompts(mirror, "prompt:dusk")
    assert prompts(mirror, '"dusk at"') == []


def test_accents_and_the_end_of_a_word(mirror: Mirror) -> None:
    assert (
        len(prompts(mirror, "cafe")) == len(prompts(mirror, "CAFÉ")) == count(mirror, "prompt LIKE '%café%'")
    )
    assert prompts(mirror, "lightho") == []
    assert len(prompts(mirror, "lightho*")) == count(mirror, "prompt LIKE '%lighthouse%'")


def test_models_are_found_by_the_beginning_of_their_words(mirror: Mirror) -> None:
    expected = count(mirror, "model LIKE 'flux%'")
    assert len(prompts(mirror, "model:flux")) == len(prompts(mirror, "", model="flux")) == expected > 0
    assert len(prompts(mirror, "-model:flux lighthouse")) == count(
        mirror, "model NOT LIKE 'flux%' AND prompt LIKE '%lighthouse%'"
    )


def test_filters(mirror: Mirror) -> None:
    assert set(mirror.search(status="failed").column("status")) == {"failed"}
    assert mirror.search("status:failed") == mirror.search(status=["failed"]) == mirror.search(status="error")
    assert len(mirror.search("-status:completed -status:failed", limit=None)) == count(
        mirror, "status = 'cancelled'"
    )
    assert len(mirror.search("lighthouse", workflow_id="wf-tests", limit=None)) == count(
        mirror, "workflow_id = 'wf-tests' AND prompt LIKE '%lighthouse%'"
    )
    seed = mirror.query("SELECT seed FROM seeds LIMIT 1")[0]["seed"]
    assert mirror.search(f"seed:{seed}").column("seed") == [seed]


def test_times(mirror: Mirror) -> None:
    newest = mirror.jobs(limit=10).column("created_ms")
    middle = newest[4] / 1000
    since = mirror.search(since=str(middle), limit=None)
    assert since.column("created_ms") == newest[:5]
    until = mirror.search(until=str(middle), limit=5)
    assert until.column("created_ms") == newest[5:10]


def test_a_limit_says_that_there_is_more(mirror: Mirror) -> None:
    assert (len(mirror.search("sample", limit=3)), mirror.search("sample", limit=3).is_cut) == (3, True)
    few = mirror.search("lighthouse", limit=400)
    assert not few.is_cut
    exact = mirror.search("lighthouse", limit=len(few))
    assert (exact, exact.is_cut) == (few, False)


def test_the_best_match_comes_first(tmp_path: Path) -> None:
    from comfy_cloud.mirror.search_writing import SearchRow, insert_search_rows

    with Mirror.open(tmp_path / "history.sqlite") as made:
        ids = fill(made, 3)
        with made.store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM search")
            rows = [
                ("owl", "", "", "", ""),
                ("an owl and much else", "", "", "", ""),
                ("", "owl", "", "", ""),
            ]
            rowids = dict(connection.exec_driver_sql("SELECT id, search_rowid FROM jobs").all())
            insert_search_rows(
                connection,
                [SearchRow(rowids[ids[place]], ids[place], "", *texts) for place, texts in enumerate(rows)],
            )
        assert made.search("owl")[0]["id"] == ids[0]


@pytest.mark.parametrize(
    "query",
    [
        '"', '""', "-", "*", "a AND (b", "NEAR(a b)", "models : x", "x' OR 1=1 --", "\x00", "\ud800 fox",
        "a:b:c", "^a + b",
    ],
)  # fmt: skip
def test_nothing_typed_is_an_error(mirror: Mirror, query: str) -> None:
    mirror.search(query)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_is_an_error(mirror: Mirror, query: str) -> None:
    mirror.search(query, limit=1)


def test_weights_in_a_prompt_are_text() -> None:
    assert read_query("(masterpiece:1.2)").wanted == [Term(("masterpiece", "1", "2"))]
    assert read_query("look:up").wanted == [Term(("look", "up"))]
    found = fts5_match(read_query('say "hi there" -no'), None, lambda *_: None)
    assert found == '("say" AND "hi there") NOT ("no")'


def test_arguments_that_are_not_valid(mirror: Mirror) -> None:
    with pytest.raises(ConfigurationError, match="choose from"):
        mirror.search(status="done-ish")
    with pytest.raises(ConfigurationError, match="limit"):
        mirror.search(limit=-1)
    with pytest.raises(ConfigurationError, match="at most 64"):
        mirror.search("word " * 65)
    with pytest.raises(ConfigurationError, match="letter"):
        mirror.search(model="...")
