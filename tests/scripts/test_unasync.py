from __future__ import annotations

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
