"""Make the sync client and its tests from the async ones: `python -m scripts.unasync [--check]`.

Whole words are replaced by the rules below, and nothing else. These are errors: a rule that no
source uses, an async word that is left in made code, and a file in a made folder that has no
source. `--check` compares both directions and writes nothing.

The client is committed, as people read it. Its tests are not: `tests/conftest.py` has `make_tests`
make them before they run. They are not formatted, so a line of theirs is the same line of their
source, below the banner.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.project import made_files as made
from scripts.project.checkout import ROOT

CLIENT = ("wrapper/comfy_cloud/_async", "wrapper/comfy_cloud/_sync")
TESTS = ("tests/_async", "tests/_sync")

# Where one rule contains another, the longer comes first.
RULES = [
    (r"async def", "def"),
    (r"async with", "with"),
    (r"async for", "for"),
    (r"await ", ""),
    (r"AsyncGenerator\[(?:Async)?(\w+), None\]", r"Generator[\1, None, None]"),
    (r"AsyncGenerator", "Generator"),
    (r"(_?)Async([A-Z]\w*)", r"\1\2"),  # every such name: AsyncJob, _AsyncSnapshot, AsyncIterator
    (r"(new_)?async_(\w+)", r"\1\2"),
    (r"comfy_cloud\._async", "comfy_cloud._sync"),
    (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"),
    (r"__aiter__", "__iter__"),
    (r"aclose", "close"),
    (r"aclosing", "closing"),
    (r"anext", "next"),
    (r"aiter_raw", "iter_raw"),
    (r"aread", "read"),
    (r"async", "sync"),  # in prose
]

BANNER = "# Made from {source} by `make unasync`. Do not edit.\n"

# A name, or a part of one, that only async code has: AsyncJob, async_in_thread, await.
_ASYNC_NAME = re.compile(r"Async(?=[A-Z]|\b)|(?<![A-Za-z])(?:async(?:io|gen)?|await)(?![A-Za-z])")
_WORD = re.compile(r"[\w.]+")
_ASYNC_SYNTAX = {
    ast.AsyncFunctionDef: "async def",
    ast.AsyncFor: "async for",
    ast.AsyncWith: "async with",
    ast.Await: "await",
}


def main(arguments: list[str] | None = None, root: Path = ROOT, rules: list[tuple[str, str]] = RULES) -> int:
    """Write the made files and delete orphans, or with --check compare; 0 when all is well."""
    check = made.is_check(arguments, __doc__)
    try:
        files = made_files(root, rules)
    except UnasyncError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    orphans = sorted(path for _, folder in (CLIENT, TESTS) for path in _without_source(root / folder, files))
    if check:
        committed = root / CLIENT[1]
        return made.check(
            {path: text for path, text in files.items() if path.is_relative_to(committed)},
            root,
            "make unasync",
            [path for path in orphans if path.is_relative_to(committed)],
        )
    written = made.write(files, orphans)
    print(f"{len(files)} sync files, {len(written)} changed, {len(orphans)} removed")
    return 0


def make_tests(root: Path = ROOT, rules: list[tuple[str, str]] = RULES) -> None:
    """Make `tests/_sync` what `tests/_async` says; this may run in several processes at once.

    Raises UnasyncError when there is nothing to make it from.
    """
    files = {
        path: BANNER.format(source=name) + text for name, path, text in _translated(root, TESTS, set(), rules)
    }
    if not files:
        raise UnasyncError(f"{TESTS[0]} has no tests, so there would be none of the sync client")
    made.write(files, _without_source(root / TESTS[1], files))


class UnasyncError(Exception):
    """The sources cannot be translated; the message says what to change."""


def made_files(root: Path = ROOT, rules: list[tuple[str, str]] = RULES) -> dict[Path, str]:
    """Every made file with its text.

    Raises UnasyncError when a rule is not used by any source, or a made file still has async words.
    """
    used: set[str] = set()
    files: dict[Path, str] = {}
    problems: list[str] = []
    for folders in (CLIENT, TESTS):
        for name, path, text in _translated(root, folders, used, rules):
            # Rules keep the number of lines, so a line of this text is the same line of its source.
            problems += [f"{name}:{line}: {word}" for line, word in async_words(text)]
            files[path] = BANNER.format(source=name) + text
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise UnasyncError(
            "async words are left in the sync code; rename them, or add rules to scripts/unasync.py:\n"
            f"{listed}"
        )
    if unused := [pattern for pattern, _ in rules if pattern not in used]:
        raise UnasyncError(
            f"no source uses these rules of scripts/unasync.py; remove them: {', '.join(unused)}"
        )
    client = {path: text for path, text in files.items() if path.is_relative_to(root / CLIENT[1])}
    return {**files, **formatted(client, root)}


def _translated(
    root: Path, folders: tuple[str, str], used: set[str], rules: list[tuple[str, str]]
) -> Iterator[tuple[str, Path, str]]:
    """For each source in a folder its name, the path of what is made of it, and the text."""
    source_folder, made_folder = (root / folder for folder in folders)
    for source in sorted(source_folder.rglob("*.py")):
        text = translate(source.read_text(encoding="utf-8"), used, rules)
        yield source.relative_to(root).as_posix(), made_folder / source.relative_to(source_folder), text


def _without_source(folder: Path, files: Mapping[Path, str]) -> list[Path]:
    """What lies in a made folder, and is not one of these files."""
    return sorted(set(folder.rglob("*.py")) - files.keys())


def translate(text: str, used: set[str], rules: list[tuple[str, str]] = RULES) -> str:
    """The sync text; the patterns that matched are added to `used`."""
    for pattern, replacement in rules:
        expression = rf"(?<![A-Za-z0-9_]){pattern}" + ("" if pattern.endswith(" ") else r"(?![A-Za-z0-9_])")
        text, count = re.subn(expression, replacement, text)
        if count:
            used.add(pattern)
    return text


def async_words(text: str) -> Iterator[tuple[int, str]]:
    """The line and word of everything in code that only async code has.

    Comments, docstrings and sentences in strings are prose and do not count. A string that could be
    an annotation or a dotted path counts.
    """
    tree = ast.parse(text)
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if type(node) in _ASYNC_SYNTAX:
            found.add((line, _ASYNC_SYNTAX[type(node)]))
        elif isinstance(node, ast.comprehension) and node.is_async:
            found.add((node.target.lineno, "async for"))
        if id(node) not in prose:
            names = (word for text in _texts_of(node) for word in _WORD.findall(text))
            found |= {(line, word) for word in names if _ASYNC_NAME.search(word)}
    yield from sorted(found)


def _texts_of(node: ast.AST) -> Iterator[str]:
    """The identifiers that a node itself contains, and its text when it is a string with code."""
    for _, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and not (isinstance(node, ast.Constant) and _is_prose(item)):
                yield item


def _is_prose(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return " " in text.strip()
    return False


def formatted(texts: dict[Path, str], root: Path) -> dict[Path, str]:
    """The texts as the project's formatter leaves them: shorter words may make shorter lines."""
    options = ["--config", str(ROOT / "pyproject.toml"), "--quiet", "--no-cache"]
    with tempfile.TemporaryDirectory() as folder:
        copies = {path: Path(folder) / path.relative_to(root) for path in texts}
        for path, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(texts[path], encoding="utf-8")
        for command in (["check", "--select", "I", "--fix-only"], ["format"]):
            subprocess.run([sys.executable, "-m", "ruff", *command, *options, folder], cwd=folder, check=True)
        return {path: copy.read_text(encoding="utf-8") for path, copy in copies.items()}


if __name__ == "__main__":
    sys.exit(main())
