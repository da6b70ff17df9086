"""Take over a newer published contract: `python -m scripts.update_spec FROM [OPTIONS]`.

It keeps our wording on the new interface, applies the overlay, generates the client in a temporary
folder, proves without running it that it is what the templates write, and reports what changed.
Nothing new has been imported or run until somebody has read that report and agrees. Then the new
code is proved in a process without network, keys and home: all of it is imported, and every
operation builds requests and reads responses. Only then are the files replaced; on an earlier error
nothing on disk has changed. Last, it runs the tests in such a process, and leaves the result for
review. It commits nothing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from comfy_cloud.contract._diff.changes import Change, report
from comfy_cloud.contract._diff.contracts import compare
from comfy_cloud.contract._documents.keywords import interface
from comfy_cloud.contract._documents.reader import ContractError, read_contract, read_document
from comfy_cloud.contract._documents.sources import shown
from scripts import api_map, unasync
from scripts.contract.isolation import run_tests
from scripts.contract.overlay import (
    actions_of,
    apply_actions,
    listed_actions,
    redundant_actions,
)
from scripts.contract.source import PublishedContract, valid_contract
from scripts.contract.wording import Worded, with_wording_of
from scripts.contract.yaml_editor import edited, without_items
from scripts.generator import tree
from scripts.generator.lock import Provenance, lock_text
from scripts.project.checkout import Checkout
from scripts.project.terminal import safe_line, say, say_error
from scripts.proof.tree_proof import prove_made


@dataclass(frozen=True)
class Options:
    """Options of an update.

    Attributes:
        prune: Remove overlay actions that no longer match anything, instead of failing.
        keep_words: Keep the wording of the newer contract instead of ours.
        tests: Run the tests at the end.
        yes: Do not ask: somebody has read the report of this contract already.
    """

    prune: bool = False
    keep_words: bool = False
    tests: bool = True
    yes: bool = False


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Update from the command line; 0 when all is well, 1 on an error or when tests fail."""
    parser = argparse.ArgumentParser(
        prog="make update-spec",
        description="Take over a newer published contract and make the client from it.",
    )
    parser.add_argument("source", metavar="FROM", help="a file or an http(s) URL: OpenAPI 3, as YAML or JSON")
    parser.add_argument(
        "--prune", action="store_true", help="remove overlay actions that no longer match anything"
    )
    parser.add_argument(
        "--keep-words", action="store_true", help="keep the descriptions of FROM instead of ours"
    )
    parser.add_argument("--no-tests", action="store_true", help="do not run the tests at the end")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask: the report of this contract has been read already"
    )
    given = parser.parse_args(arguments)
    options = Options(prune=given.prune, keep_words=given.keep_words, tests=not given.no_tests, yes=given.yes)
    try:
        return update(given.source, checkout or Checkout(), options)
    except (ContractError, unasync.UnasyncError) as error:
        say_error(error)
        return 1


def update(
    source: str,
    checkout: Checkout,
    options: Options,
    tests: Callable[[Path], int] = run_tests,
    today: date | None = None,
) -> int:
    """Take over the contract at `source`; return the result of the tests, or 0 without them.

    Raises ContractError, with nothing changed on disk, when the contract cannot be used, its code
    does not work, or there is nobody to ask.
    """
    published = valid_contract(source)
    newer = published.document
    texts = _Texts.of(checkout)
    present = read_contract(texts.contract, checkout.contract.name)
    overlay = read_document(texts.overlay, checkout.overlay.name)

    changes = [_printable(change) for change in compare(present, newer)]
    methods = api_map.wrapper_methods(checkout, checkout.generated)
    say(f"From {checkout.contract.name} to {safe_line(shown(source))}:\n{report(changes, methods)}\n")
    overlay_text, overlay = _fitting_overlay(newer, overlay, texts.overlay, checkout, options)
    _report_redundant(newer, overlay, checkout)
    worded = Worded(newer) if options.keep_words else with_wording_of(newer, present)
    if interface(worded.document) != interface(newer):
        raise ContractError(
            "Our wording could not be put on this contract without changing it; run again with --keep-words"
        )
    contract_text = edited(texts.contract, worded.document, checkout.contract.name)
    if (contract_text, overlay_text) == (texts.contract, texts.overlay):
        say("The interface is the same as ours: nothing is written.")
        return 0

    with tempfile.TemporaryDirectory() as folder:
        made = tree.make(Path(folder), contract_text.encode(), overlay_text.encode())
        files = {
            checkout.contract: contract_text,
            checkout.overlay: overlay_text,
            checkout.lock: _new_lock(contract_text, overlay_text, published, today),
            **api_map.made_files(checkout, made),
            **unasync.made_files(checkout.root),
        }
        _report_wording(worded, options)
        # Our tree knows the methods of operations that are gone, the new one those that are new.
        _report_review(changes, methods | api_map.wrapper_methods(checkout, made))
        if not (options.yes or _is_agreed()):
            say("Nothing is changed.")
            return 1
        say(prove_made(made))
        _replace_all(checkout, files, made)
    say("The files are replaced and nothing is committed: review with `git diff`.")
    if not options.tests or not tests(checkout.root):
        return 0
    say_error("the tests fail on the new contract; its files are in place for review")
    return 1


def _printable(change: Change) -> Change:
    """The change with every text of the contract on one line: none can pass for another line."""
    return replace(change, where=safe_line(change.where), text=safe_line(change.text))


def _is_agreed() -> bool:
    """Whether the person at the terminal has read the report and agrees."""
    if not sys.stdin.isatty():
        raise ContractError(
            "Nothing is changed: the code of this contract is run only after somebody has read the report. "
            "Run this in a terminal, or once more with --yes"
        )
    say("Nothing of the new contract has been run yet.")
    try:
        answer = input("Take it over, and run the code that was made from it? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def _new_lock(contract: str, overlay: str, published: PublishedContract, today: date | None) -> str:
    day = today or datetime.now(UTC).date()
    provenance = Provenance.of(published.content, published.document, day)
    return lock_text(contract.encode(), overlay.encode(), provenance)


@dataclass(frozen=True)
class _Texts:
    """Our own files, before the update."""

    contract: str
    overlay: str

    @classmethod
    def of(cls, checkout: Checkout) -> _Texts:
        try:
            return cls(*(path.read_bytes().decode("utf-8") for path in (checkout.contract, checkout.overlay)))
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"Our own files cannot be read: {error}") from None


def _fitting_overlay(
    newer: dict[str, Any], overlay: dict[str, Any], text: str, checkout: Checkout, options: Options
) -> tuple[str, dict[str, Any]]:
    """The overlay with only matching actions. Raises ContractError unless others may be pruned."""
    _, unmatched = apply_actions(newer, overlay)
    if not unmatched:
        return text, overlay
    listed = (
        f"{len(unmatched)} action(s) of {checkout.overlay.name} no longer match anything:\n"
        f"{listed_actions(unmatched)}"
    )
    if not options.prune:
        raise ContractError(
            f"{listed}\nNothing is changed. Correct them, or remove them by running "
            "`python -m scripts.update_spec FROM --prune`."
        )
    say(f"{listed}\nThey are removed.\n")
    gone = {id(action) for action in unmatched}
    drop = {index for index, action in enumerate(actions_of(overlay)) if id(action) in gone}
    pruned = without_items(text, "actions", drop, checkout.overlay.name)
    return pruned, read_document(pruned, checkout.overlay.name)


def _report_redundant(newer: dict[str, Any], overlay: dict[str, Any], checkout: Checkout) -> None:
    if redundant := redundant_actions(newer, overlay):
        say(
            f"{len(redundant)} action(s) of {checkout.overlay.name} are part of the new contract itself; "
            f"they can be removed:\n{listed_actions(redundant)}\n"
        )


def _report_wording(worded: Worded, options: Options) -> None:
    if worded.unwritten:
        listed = "\n".join(f"  {safe_line(path)}" for path in worded.unwritten)
        say(
            f"Descriptions to write ({len(worded.unwritten)}); those there now came with the new contract:\n"
            f"{listed}\n"
        )
    if worded.doubtful and not options.keep_words:
        listed = "\n".join(f"  {safe_line(path)}" for path in worded.doubtful)
        say(
            f"Descriptions to check ({len(worded.doubtful)}); they are ours, but the interface changed:\n"
            f"{listed}\n"
        )


def _report_review(changes: list[Change], methods: dict[str, list[str]]) -> None:
    concerned = {operation for change in changes for operation in change.operations}
    touched = sorted({method for operation in concerned for method in methods.get(operation, [])})
    if touched:
        listed = "\n".join(f"  {method}" for method in touched)
        say(f"Wrapper methods that this affects:\n{listed}\n")
    bare = sorted(operation for operation in concerned if operation in methods and not methods[operation])
    if bare:
        listed = "\n".join(f"  {safe_line(name)}" for name in bare)
        say(f"Changed operations that no wrapper method calls:\n{listed}\n")


def _replace_all(checkout: Checkout, files: dict[Path, str], generated: Path) -> None:
    """Put everything in place; when a part of that fails, restore everything."""
    changed = {
        path: text for path, text in files.items() if not path.exists() or path.read_bytes() != text.encode()
    }
    with _restoring(checkout, list(changed)):
        tree.replace_tree(generated, checkout.generated)
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
    """Copy these files and `generated/`, and restore them when the block fails."""
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
                tree.replace_tree(kept_tree, checkout.generated)
            if isinstance(error, OSError):
                raise ContractError(f"The files cannot be replaced, and are as before: {error}") from None
            raise


if __name__ == "__main__":
    sys.exit(main())
