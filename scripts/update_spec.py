"""Take over a newer published contract: `python -m scripts.update_spec FROM [--prune] [--keep-words] [--no-tests]`.

It says what changed, puts our words on the new interface, applies the overlay, generates the client, and only when all of
that has succeeded replaces the files; then it runs the tests and leaves the result for review. It commits nothing. On any
error before, nothing on disk has changed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfy_cloud.contract._diff.changes import Change, report
from comfy_cloud.contract._diff.contracts import compare
from comfy_cloud.contract._documents.keywords import interface
from comfy_cloud.contract._documents.reader import ContractError, read_contract, read_document
from comfy_cloud.contract._documents.sources import shown
from scripts import api_map, generate, unasync
from scripts.contract_files import (
    Checkout,
    actions_of,
    apply_actions,
    listed_actions,
    merged,
    redundant_actions,
)
from scripts.contract_source import valid_contract
from scripts.contract_text import edited, without_items
from scripts.contract_words import Worded, with_words_of


@dataclass(frozen=True)
class Options:
    """How to update.

    Attributes:
        prune: Remove overlay actions that match nothing any more, instead of failing.
        keep_words: Keep the newcomer's own words instead of ours.
        tests: Run the tests at the end.
    """

    prune: bool = False
    keep_words: bool = False
    tests: bool = True


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Update from the command line; 0 when all is well, 1 on an error or when tests fail."""
    parser = argparse.ArgumentParser(
        prog="make update-spec",
        description="Take over a newer published contract and make the client from it.",
    )
    parser.add_argument("source", metavar="FROM", help="a file or an http(s) URL: OpenAPI 3, as YAML or JSON")
    parser.add_argument(
        "--prune", action="store_true", help="remove overlay actions that match nothing any more"
    )
    parser.add_argument(
        "--keep-words",
        action="store_true",
        help="keep the descriptions of FROM, where ours are put in their place otherwise",
    )
    parser.add_argument("--no-tests", action="store_true", help="do not run the tests at the end")
    given = parser.parse_args(arguments)
    options = Options(prune=given.prune, keep_words=given.keep_words, tests=not given.no_tests)
    try:
        return update(given.source, checkout or Checkout(), options)
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def update(
    source: str, checkout: Checkout, options: Options, run_tests: Callable[[Path], int] | None = None
) -> int:
    """Take over the contract at `source`; the result of the tests, or 0 without them.

    Raises ContractError, with nothing changed on disk, when the contract cannot be used.
    """
    newcomer = valid_contract(source)
    texts = _Texts.of(checkout)
    present = read_contract(texts.contract, checkout.contract.name)
    overlay = read_document(texts.overlay, checkout.overlay.name)

    changes = compare(present, newcomer)
    methods_before = api_map.wrapper_methods(checkout, checkout.generated)
    print(f"From {checkout.contract.name} to {shown(source)}:\n{report(changes, methods_before)}\n")
    overlay_text, overlay = _fitting_overlay(newcomer, overlay, texts.overlay, checkout, options)
    _report_redundant(newcomer, overlay, checkout)
    worded = Worded(newcomer) if options.keep_words else with_words_of(newcomer, present)
    if interface(worded.document) != interface(newcomer):
        raise ContractError(
            "Our words could not be put on this contract without changing it; run again with --keep-words"
        )
    contract_text = edited(texts.contract, worded.document, checkout.contract.name)
    if (contract_text, overlay_text) == (texts.contract, texts.overlay):
        print("The interface is the same as ours: nothing is written.")
        return 0

    with tempfile.TemporaryDirectory() as folder:
        made = generate.make(Path(folder), contract_text.encode(), overlay_text.encode())
        files = {
            checkout.contract: contract_text,
            checkout.overlay: overlay_text,
            checkout.lock: generate.lock_text(contract_text.encode(), overlay_text.encode()),
            **api_map.made_files(checkout, merged(worded.document, overlay), made),
            **unasync.made_files(checkout.root),
        }
        _replace_all(checkout, files, made)
    _report_words(worded, options)
    # What is gone is known only by the old tree, what is new only by the new one.
    _report_review(changes, methods_before | api_map.wrapper_methods(checkout, checkout.generated))
    if not options.tests:
        return 0
    return (run_tests or _run_tests)(checkout.root)


@dataclass(frozen=True)
class _Texts:
    """Our files as they are now."""

    contract: str
    overlay: str

    @classmethod
    def of(cls, checkout: Checkout) -> _Texts:
        try:
            return cls(*(path.read_bytes().decode("utf-8") for path in (checkout.contract, checkout.overlay)))
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"Our own files cannot be read: {error}") from None


def _fitting_overlay(
    newcomer: dict[str, Any], overlay: dict[str, Any], text: str, checkout: Checkout, options: Options
) -> tuple[str, dict[str, Any]]:
    """The overlay with every action matching: as it is, or pruned. Raises ContractError when neither can be."""
    _, unmatched = apply_actions(newcomer, overlay)
    if not unmatched:
        return text, overlay
    listed = f"{len(unmatched)} action(s) of {checkout.overlay.name} match nothing any more:\n{listed_actions(unmatched)}"
    if not options.prune:
        raise ContractError(
            f"{listed}\nNothing is changed. Correct them, or remove them by running `python -m scripts.update_spec FROM --prune`."
        )
    print(f"{listed}\nThey are removed.\n")
    gone = {id(action) for action in unmatched}
    drop = {index for index, action in enumerate(actions_of(overlay)) if id(action) in gone}
    pruned = without_items(text, "actions", drop, checkout.overlay.name)
    return pruned, read_document(pruned, checkout.overlay.name)


def _report_redundant(newcomer: dict[str, Any], overlay: dict[str, Any], checkout: Checkout) -> None:
    if redundant := redundant_actions(newcomer, overlay):
        print(
            f"{len(redundant)} action(s) of {checkout.overlay.name} say what the new contract says by itself; "
            f"they can go:\n{listed_actions(redundant)}\n"
        )


def _report_words(worded: Worded, options: Options) -> None:
    if worded.unwritten:
        listed = "\n".join(f"  {place}" for place in worded.unwritten)
        print(
            f"Words to write ({len(worded.unwritten)}); what stands there came with the new contract:\n{listed}\n"
        )
    if worded.doubtful and not options.keep_words:
        listed = "\n".join(f"  {place}" for place in worded.doubtful)
        print(
            f"Words to check ({len(worded.doubtful)}); they are ours, and the interface there has changed:\n{listed}\n"
        )


def _report_review(changes: list[Change], methods: dict[str, list[str]]) -> None:
    concerned = {operation for change in changes for operation in change.operations}
    touched = sorted({method for operation in concerned for method in methods.get(operation, [])})
    if touched:
        print("Wrapper methods that this touches:\n" + "\n".join(f"  {method}" for method in touched) + "\n")
    bare = sorted(operation for operation in concerned if operation in methods and not methods[operation])
    if bare:
        print(
            "Operations that it touches and no wrapper method calls:\n"
            + "\n".join(f"  {name}" for name in bare)
            + "\n"
        )
    print("The files are replaced and nothing is committed: review with `git diff`.")


def _run_tests(root: Path) -> int:
    folders = [root, *(root / name for name in ("wrapper", "generated", "emulator"))]
    path = os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "pytest", "-q", "tests"]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": path}, check=False)
    if done.returncode:
        print("error: the tests fail on the new contract; its files are in place for review", file=sys.stderr)
    return 1 if done.returncode else 0


def _replace_all(checkout: Checkout, files: dict[Path, str], generated: Path) -> None:
    """Put all of it in place; when a part of it fails, put everything back as it was."""
    changed = {
        path: text for path, text in files.items() if not path.exists() or path.read_bytes() != text.encode()
    }
    with _restoring(checkout, list(changed)):
        generate.replace_tree(generated, checkout.generated)
        for path, text in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(path.name + ".new")
            try:
                fresh.write_bytes(text.encode())
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)


@contextmanager
def _restoring(checkout: Checkout, paths: list[Path]) -> Iterator[None]:
    """Keep copies of files and of `generated/`, and bring them back when the block fails."""
    with tempfile.TemporaryDirectory() as folder:
        kept_tree = Path(folder) / "generated"
        if checkout.generated.exists():
            shutil.copytree(checkout.generated, kept_tree)
        kept = {path: path.read_bytes() if path.exists() else None for path in paths}
        try:
            yield
        except BaseException as error:
            for path, content in kept.items():
                if content is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(content)
            if kept_tree.exists():
                generate.replace_tree(kept_tree, checkout.generated)
            if isinstance(error, OSError):
                raise ContractError(f"The files cannot be replaced, and are as before: {error}") from None
            raise


if __name__ == "__main__":
    sys.exit(main())
