"""The choice among sources: the first that works, one warning, and switches by other tasks."""

from __future__ import annotations

import warnings

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloudWarning, NotSupported
from comfy_cloud._async._http.fallback import AsyncFallback


def missing(source: str) -> NotSupported:
    return NotSupported(source, method="GET", path=f"/{source}")


async def test_each_missing_source_is_skipped_once_and_the_last_one_raises() -> None:
    async with AsyncComfyCloud(base_url="http://localhost") as cloud:
        fallback = AsyncFallback(cloud._session, ["a", "b", "c"], lambda source: f"reading {source}")
        present = {"c"}
        calls: list[str] = []

        async def read(source: str) -> str:
            calls.append(source)
            if source not in present:
                raise missing(source)
            return f"from {source}"

        with pytest.warns(ComfyCloudWarning, match="reading c") as caught:
            found = [await fallback.call(read) for _ in range(2)]
        present.clear()
        with pytest.raises(NotSupported, match="c"):
            await fallback.call(read)
    assert found == ["from c", "from c"]
    assert calls == ["a", "b", "c", "c", "c"]
    assert len(caught) == 1


async def test_a_switch_by_another_task_is_not_repeated() -> None:
    async with AsyncComfyCloud(base_url="http://localhost") as cloud:
        fallback = AsyncFallback(cloud._session, ["a", "b", "c"], lambda source: "")

        async def read(source: str) -> str:
            if source == "a":
                fallback.skip("a", missing("a"))  # as another task does during this call
                raise missing("a")
            return source

        assert await fallback.call(read, is_quiet=True) == "b"
        assert fallback.current == "b"


async def test_no_warning_for_the_first_source_or_a_quiet_caller() -> None:
    async with AsyncComfyCloud(base_url="http://localhost") as cloud:
        fallback = AsyncFallback(cloud._session, ["a", "b"], lambda source: "notice")

        async def read(source: str) -> str:
            return source

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert await fallback.call(read) == "a"
            fallback.skip("a", missing("a"))
            assert await fallback.call(read, is_quiet=True) == "b"
