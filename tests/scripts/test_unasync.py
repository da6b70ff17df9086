from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts import unasync

RULES = [(r"async def", "def"), (r"await ", ""), (r"AsyncThing", "Thing")]
SOURCE = '''"""A thing."""

from __future__ import annotations


class AsyncThing:
    async def get(self) -> int:
        return await self.other()

    async def other(self) -> int:
        awaited, ThingAsynchronous = 1, 2
        return awaited + ThingAsynchronous
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    source(tmp_path).parent.mkdir(parents=True)
    source(tmp_path).write_text(SOURCE, encoding="utf-8")
    return tmp_path


def source(root: Path) -> Path:
    return root / "wrapper" / "comfy_cloud" / "_async" / "thing.py"


def made(root: Path) -> Path:
    return root / "wrapper" / "comfy_cloud" / "_sync" / "thing.py"


def test_whole_words_are_replaced_and_nothing_else(root: Path) -> None:
    assert unasync.main([], root, RULES) == 0
    text = made(root).read_text(encoding="utf-8")
    assert text.startswith(
        "# Made from wrapper/comfy_cloud/_async/thing.py by `make unasync`. Do not edit.\n"
    )
    assert "class Thing:\n    def get(self) -> int:\n        return self.other()" in text
    assert "awaited, ThingAsynchronous = 1, 2" in text


def test_a_rule_that_nothing_uses_is_an_error(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert unasync.main([], root, [*RULES, ("NotThere", "There")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: no source uses these rules of scripts/unasync.py; remove them: NotThere")
    assert not made(root).exists()


class TestAsyncWordsThatAreLeft:
    @pytest.mark.parametrize(
        ("code", "word"),
        [
            ("async def f(): ...", "async def"),
            ("async def f():\n    await g()", "await"),
            ("async def f():\n    async with g(): ...", "async with"),
            ("async def f():\n    async for i in g(): ...", "async for"),
            ("async def f():\n    return [i async for i in g()]", "async for"),
            ("AsyncOther()", "AsyncOther"),
            ("_AsyncOther()", "_AsyncOther"),
            ("MyAsyncOther()", "MyAsyncOther"),
            ("x.AsyncOther", "AsyncOther"),
            ("class AsyncOther: ...", "AsyncOther"),
            ("def f(async_kind): ...", "async_kind"),
            ("f(is_async=True)", "is_async"),
            ("import asyncio", "asyncio"),
            ("from ._async import x", "_async"),
            ("from x import AsyncOther", "AsyncOther"),
            ("from x import y as AsyncOther", "AsyncOther"),
            ("f'{AsyncOther}'", "AsyncOther"),
            ('x: "AsyncOther | None"', "AsyncOther"),
            ('x: "AsyncOther"', "AsyncOther"),
            ('patch("comfy_cloud._async.thing")', "comfy_cloud._async.thing"),
            ("def await_all(): ...", "await_all"),
            ("@pytest.mark.asyncio\ndef f(): ...", "asyncio"),
        ],
    )
    def test_each_is_found(self, code: str, word: str) -> None:
        assert word in {found for _, found in unasync.async_words(code)}

    @pytest.mark.parametrize(
        "code",
        [
            '"""Waits like `async with AsyncOther`, by await."""',
            'def f():\n    """An async thing."""',
            'class Thing:\n    """Async."""\n    x: int\n    """AsyncOther"""',
            "x = 1  # async: AsyncOther awaits\n",
            'print("an async word in a message")',
            "awaited = asynchronous = Asynchronously = xasync = 1",
            "class Thing:\n    x: int\n    '''The async form.'''",
        ],
    )
    def test_prose_and_other_words_are_left_alone(self, code: str) -> None:
        assert list(unasync.async_words(code)) == []

    def test_file_line_and_word_are_named_and_nothing_is_written(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with source(root).open("a", encoding="utf-8") as file:
            file.write("\n\nx: AsyncLeft = 1\nasync_left = x\n")
        for arguments in ([], ["--check"]):
            assert unasync.main(arguments, root, RULES) == 1
            error = capsys.readouterr().err
            assert "add rules to scripts/unasync.py" in error
            assert "\n  wrapper/comfy_cloud/_async/thing.py:15: AsyncLeft\n" in error
            assert "\n  wrapper/comfy_cloud/_async/thing.py:16: async_left\n" in error
        assert not made(root).exists()


def test_check_accepts_what_was_made_and_writes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unasync.main(["--check"], root, RULES) == 1
    error = capsys.readouterr().err
    assert "wrapper/comfy_cloud/_sync/thing.py: is not what the sources make" in error
    assert "run `make unasync`" in error
    assert not made(root).exists()
    unasync.main([], root, RULES)
    capsys.readouterr()
    assert unasync.main(["--check"], root, RULES) == 0
    assert capsys.readouterr() == ("", "")


def test_check_finds_a_made_file_that_was_edited(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unasync.main([], root, RULES)
    made(root).write_text(made(root).read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")
    assert unasync.main(["--check"], root, RULES) == 1
    assert "thing.py: is not what the sources make" in capsys.readouterr().err


def test_check_finds_an_orphan_and_making_removes_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unasync.main([], root, RULES)
    orphan = made(root).with_name("orphan.py")
    orphan.write_text("", encoding="utf-8")
    assert unasync.main(["--check"], root, RULES) == 1
    assert "orphan.py: no source makes it" in capsys.readouterr().err
    assert orphan.exists()
    assert unasync.main([], root, RULES) == 0
    assert not orphan.exists()


def test_making_twice_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unasync.main([], root, RULES)
    before = made(root).stat().st_mtime_ns
    capsys.readouterr()
    unasync.main([], root, RULES)
    assert "0 changed, 0 removed" in capsys.readouterr().out
    assert made(root).stat().st_mtime_ns == before


class TestTestsOfTheSyncClient:
    """They are not committed; a run of the tests makes them."""

    @pytest.fixture
    def root(self, root: Path) -> Path:
        for name in ("test_thing.py", "deeper/test_other.py"):
            path = root / "tests" / "_async" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SOURCE, encoding="utf-8")
        return root

    def of_the_run(self, root: Path) -> dict[str, str]:
        folder = root / "tests" / "_sync"
        return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.*")}

    def test_they_are_made_line_by_line(self, root: Path) -> None:
        unasync.make_tests(root, RULES)
        made = self.of_the_run(root)
        assert made.keys() == {"test_thing.py", "deeper/test_other.py"}
        banner, *lines = made["test_thing.py"].splitlines()
        assert banner == "# Made from tests/_async/test_thing.py by `make unasync`. Do not edit."
        assert lines[6] == "    def get(self) -> int:"
        assert len(lines) == len(SOURCE.splitlines())

    def test_what_was_edited_is_mended_and_what_lost_its_source_is_removed(self, root: Path) -> None:
        unasync.make_tests(root, RULES)
        made = self.of_the_run(root)
        (root / "tests" / "_sync" / "test_thing.py").write_text("", encoding="utf-8")
        unasync.make_tests(root, RULES)
        assert self.of_the_run(root) == made
        (root / "tests" / "_async" / "test_thing.py").unlink()
        unasync.make_tests(root, RULES)
        assert self.of_the_run(root).keys() == {"deeper/test_other.py"}

    def test_a_second_run_writes_nothing(self, root: Path) -> None:
        unasync.make_tests(root, RULES)
        path = root / "tests" / "_sync" / "test_thing.py"
        before = path.stat()
        unasync.make_tests(root, RULES)
        assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)

    def test_several_runs_at_once(self, root: Path) -> None:
        (root / "tests" / "_sync").mkdir()
        orphan = root / "tests" / "_sync" / "test_orphan.py"
        for _ in range(10):
            orphan.write_text("", encoding="utf-8")
            with ThreadPoolExecutor(4) as pool:
                for made in [pool.submit(unasync.make_tests, root, RULES) for _ in range(4)]:
                    made.result()
            assert self.of_the_run(root).keys() == {"test_thing.py", "deeper/test_other.py"}
            for name in ("test_thing.py", "deeper/test_other.py"):
                (root / "tests" / "_sync" / name).unlink()

    def test_without_a_source_a_run_fails(self, root: Path) -> None:
        for path in (root / "tests" / "_async").rglob("*.py"):
            path.unlink()
        with pytest.raises(unasync.UnasyncError, match="tests/_async has no tests"):
            unasync.make_tests(root, RULES)

    def test_words_that_are_left_in_them_are_found_and_check_compares_only_the_client(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        unasync.main([], root, RULES)
        assert self.of_the_run(root).keys() == {"test_thing.py", "deeper/test_other.py"}
        (root / "tests" / "_sync" / "test_thing.py").write_text("x", encoding="utf-8")
        (root / "tests" / "_sync" / "test_orphan.py").write_text("x", encoding="utf-8")
        capsys.readouterr()
        assert unasync.main(["--check"], root, RULES) == 0
        (root / "tests" / "_async" / "test_thing.py").write_text("AsyncLeft = 1\n", encoding="utf-8")
        assert unasync.main(["--check"], root, RULES) == 1
        assert "tests/_async/test_thing.py:1: AsyncLeft" in capsys.readouterr().err


def test_this_run_has_every_test_of_the_sync_client() -> None:
    tests = Path(__file__).parents[1]
    sources, made = (
        {path.relative_to(tests / form) for path in (tests / form).rglob("*.py")}
        for form in ("_async", "_sync")
    )
    assert len(made) > 60
    assert made == sources


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("async def f(): ...", "def f(): ..."),
        ("x = [i async for i in y]", "x = [i for i in y]"),
        ("await x", "x"),
        ("AsyncComfyCloud", "ComfyCloud"),
        ("_AsyncSnapshot", "_Snapshot"),
        ("AsyncGenerator[AsyncJob, None]", "Generator[Job, None, None]"),
        ("AsyncGenerator[Event, None]", "Generator[Event, None, None]"),
        ("new_async_http_client", "new_http_client"),
        ("async_in_thread", "in_thread"),
        ("comfy_cloud._async.client", "comfy_cloud._sync.client"),
        ("__aenter__ __aexit__ __aiter__", "__enter__ __exit__ __iter__"),
        ("response.aclose() aclosing", "response.close() closing"),
        ("aiter_raw aread", "iter_raw read"),
        ("An async test.", "An sync test."),
        ("MyAsyncThing awaited is_async", "MyAsyncThing awaited is_async"),
    ],
)
def test_our_rules(text: str, expected: str) -> None:
    assert unasync.translate(text, set()) == expected
