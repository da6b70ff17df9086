# Made from tests/_async/test_fallback.py by `make unasync`. Do not edit.
"""The choice among sources: the first that works, one warning, and switches by other tasks."""

from __future__ import annotations

import warnings

import pytest

from comfy_cloud import ComfyCloud, ComfyCloudWarning, NotSupported
from comfy_cloud._sync._http.fallback import Fallback


def missing(source: str) -> NotSupported:
    return NotSupported(source, method="GET", path=f"/{source}")


def test_each_missing_source_is_skipped_once_and_the_last_one_raises() -> None:
    with ComfyCloud(base_url="http://localhost") as cloud:
        fallback = Fallback(cloud._session, ["a", "b", "c"], lambda source: f"reading {source}")
        present = {"c"}
        calls: list[str] = []

        def read(source: str) -> str:
            calls.append(source)
            if source not in present:
                raise missing(source)
            return f"from {source}"

        with pytest.warns(ComfyCloudWarning, match="reading c") as caught:
            found = [fallback.call(read) for _ in range(2)]
        present.clear()
        with pytest.raises(NotSupported, match="c"):
            fallback.call(read)
    assert found == ["from c", "from c"]
    assert calls == ["a", "b", "c", "c", "c"]
    assert len(caught) == 1


def test_a_switch_by_another_task_is_not_repeated() -> None:
    with ComfyCloud(base_url="http://localhost") as cloud:
        fallback = Fallback(cloud._session, ["a", "b", "c"], lambda source: "")

        def read(source: str) -> str:
            if source == "a":
                fallback.skip("a", missing("a"))  # as another task does during this call
                raise missing("a")
            return source

        assert fallback.call(read, is_quiet=True) == "b"
        assert fallback.current == "b"


def test_no_warning_for_the_first_source_or_a_quiet_caller() -> None:
    with ComfyCloud(base_url="http://localhost") as cloud:
        fallback = Fallback(cloud._session, ["a", "b"], lambda source: "notice")

        def read(source: str) -> str:
            return source

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert fallback.call(read) == "a"
            fallback.skip("a", missing("a"))
            assert fallback.call(read, is_quiet=True) == "b"
