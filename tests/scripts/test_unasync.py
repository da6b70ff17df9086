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
        awaited, MyAsyncThing = 1, 2
        return awaited + MyAsyncThing
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "wrapper" / "comfy_cloud" / "_async"
    folder.mkdir(parents=True)
    (folder / "thing.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def made(root: Path) -> Path:
    return root / "wrapper" / "comfy_cloud" / "_sync" / "thing.py"


def test_whole_words_are_replaced_and_nothing_else(root: Path) -> None:
    assert unasync.main([], root, RULES) == 0
    text = made(root).read_text(encoding="utf-8")
    assert text.startswith(
        "# Made from wrapper/comfy_cloud/_async/thing.py by `make unasync`. Do not edit.\n"
    )
    assert "class Thing:\n    def get(self) -> int:\n        return self.other()" in text
    assert "awaited, MyAsyncThing = 1, 2" in text


def test_a_rule_that_nothing_uses_is_an_error(root: Path) -> None:
    with pytest.raises(SystemExit, match=r"no source uses these rules.*: NotThere"):
        unasync.main([], root, [*RULES, ("NotThere", "There")])
    assert not made(root).exists()


def test_check_is_content_with_what_was_made_and_writes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unasync.main(["--check"], root, RULES) == 1
    assert "_sync/thing.py: is not what its source makes" in capsys.readouterr().out
    assert not made(root).exists()
    unasync.main([], root, RULES)
    capsys.readouterr()
    assert unasync.main(["--check"], root, RULES) == 0
    assert capsys.readouterr().out == ""


def test_check_finds_a_made_file_that_was_edited(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unasync.main([], root, RULES)
    made(root).write_text(made(root).read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")
    assert unasync.main(["--check"], root, RULES) == 1
    assert "thing.py: is not what its source makes" in capsys.readouterr().out


def test_check_finds_an_orphan_and_making_removes_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unasync.main([], root, RULES)
    orphan = made(root).with_name("orphan.py")
    orphan.write_text("", encoding="utf-8")
    assert unasync.main(["--check"], root, RULES) == 1
    assert "orphan.py: has no source" in capsys.readouterr().out
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
    "text", ["async def f(): ...", "x = [i async for i in y]", "AsyncComfyCloud", "await x"]
)
def test_our_rules_leave_nothing_asynchronous(text: str) -> None:
    translated = unasync.translate(text, set())
    assert "async" not in translated.lower()
    assert "await" not in translated
