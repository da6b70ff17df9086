"""Exports that are interrupted anywhere: nothing is left, and the next one is not hindered."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import CodeType

import fsspec
import pytest

from comfy_cloud._files.fsspec_destination import FsspecDestination
from comfy_cloud._files.local_destination import LocalPartialFile
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.export.partial_stream import PartialStream, whole_file

from ..mirror.sample import fill
from .interruption_points import Interrupter, Place, place_name

_CHOSEN = {
    function.__code__
    for function in (whole_file.__wrapped__, PartialStream.write, FsspecDestination.move_here)  # type: ignore[attr-defined]
}


_OPENING = {
    function.__code__
    for function in (LocalPartialFile.create, LocalPartialFile._create_in_folder, LocalPartialFile._open)
}


def interrupted(
    function: Callable[[], object], place: Place | None = None, chosen: set[CodeType] = _CHOSEN
) -> Interrupter:
    interrupter = Interrupter(chosen.__contains__, place)
    with suppress(KeyboardInterrupt):
        interrupter.start()
        try:
            function()
        finally:
            interrupter.stop()
    return interrupter


@pytest.mark.parametrize("is_remote", [False, True], ids=["in a folder", "on fsspec"])
def test_an_interrupted_export_is_whole_or_leaves_nothing(is_remote: bool, tmp_path: Path) -> None:
    memory, folder = fsspec.filesystem("memory"), "/interrupted-export"
    (tmp_path / "out").mkdir()
    target = f"memory:/{folder}/o.csv" if is_remote else str(tmp_path / "out/o.csv")

    def taken() -> list[bytes]:
        """The content of what is there, which is deleted."""
        if is_remote:
            found = [memory.cat_file(path) for path in memory.find(folder)]
            if memory.exists(folder):
                memory.rm(folder, recursive=True)
            return found
        paths = list((tmp_path / "out").iterdir())
        found = [path.read_bytes() for path in paths]
        for path in paths:
            path.unlink()
        return found

    with Mirror.open(tmp_path / "history.sqlite") as mirror:
        fill(mirror, 3)
        places = interrupted(lambda: mirror.export(target)).places
        [whole] = taken()
        wrong = []
        for place in places:
            again = interrupted(lambda: mirror.export(target), place)
            gc.collect()
            left = taken()
            if not again.has_interrupted or left not in ([], [whole]):
                wrong.append((place_name(place), again.has_interrupted, len(left)))
        assert len(places) > 10
        assert wrong == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), OSError("damaged")])
def test_an_error_while_rows_are_read_for_duckdb_is_raised_as_it_is(
    error: BaseException, tmp_path: Path
) -> None:
    def stop(_: int) -> None:
        raise error

    with Mirror.open(tmp_path / "history.sqlite") as mirror:
        fill(mirror, 3)
        with pytest.raises(BaseException) as raised:
            mirror.export(tmp_path / "out.duckdb", progress=stop)
    assert raised.value is error
    assert not (tmp_path / "out.duckdb").exists()


def test_a_file_whose_opening_is_interrupted_is_closed_and_gone(tmp_path: Path) -> None:
    """A file that is not closed is a warning when it is collected, and so fails the test."""

    def create() -> None:
        with LocalPartialFile(tmp_path / "a.png", overwrite=False):
            pass

    places = interrupted(create, chosen=_OPENING).places
    assert len(places) > 10
    for place in places:
        assert interrupted(create, place, _OPENING).has_interrupted
        gc.collect()
        assert list(tmp_path.iterdir()) == [], place_name(place)
