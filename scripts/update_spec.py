"""Take over a newer published contract: `python -m scripts.update_spec FROM [OPTIONS]`.

It keeps our wording on the new interface, applies the overlay, generates the client in a temporary
folder, proves without running it that it is what the templates write, and reports what changed.
Nothing new has been imported or run until somebody has read that report and agrees. Then the new
code is proved in a process without network, keys and home: all of it is imported, and every
operation builds requests and reads responses. Only then are the files replaced; on an earlier error
nothing on disk has changed. Last, it runs the tests that belong to the change, in such processes,
and leaves the result for review. It commits nothing.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from comfy_cloud.contract._diff.changes import Change, report
from comfy_cloud.contract._diff.contracts import compare
from comfy_cloud.contract._diff.extensions import written_otherwise
from comfy_cloud.contract._documents.keywords import interface
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import ContractError, read_contract, read_document
from comfy_cloud.contract._documents.sources import shown
from scripts import api_map, unasync
from scripts.contract.chosen_contract import with_contract_of
from scripts.contract.chosen_tests import chosen_tests
from scripts.contract.fitting import unfitting_actions, without_actions
from scripts.contract.isolation import run_tests
from scripts.contract.overlay import listed_actions, merged, redundant_actions
from scripts.contract.part import is_part, with_part
from scripts.contract.renames import keeping_actions, renames
from scripts.contract.source import PublishedContract, valid_contract
from scripts.contract.update_report import WrapperReport, affected_methods, wording_to_do
from scripts.contract.wording import Worded, with_wording_of
from scripts.contract.yaml_editor import edited, with_items
from scripts.generator import tree
from scripts.generator.left_out import LeftOut
from scripts.generator.lock import Provenance, lock_text, read_provenance
from scripts.project.checkout import CONTRACTS, Checkout
from scripts.project.terminal import safe_line, say, say_error
from scripts.proof.tree_proof import prove_made

Document = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """Options of an update.

    Attributes:
        prune: Remove overlay actions that no longer fit, instead of failing.
        only: The contract is a part: replace its operations, and keep all others.
        contract: Which of our contracts this is a newer version of, `v1` or `v2`. Otherwise it is
            the one with which it shares most operations.
        keep_words: Keep the wording of the newer contract instead of ours.
        unfinished: Replace the files although the wrapper does not fit them yet.
        tests: Run the tests at the end.
        yes: Do not ask: somebody has read the report of this contract already.
    """

    prune: bool = False
    only: bool = False
    contract: str | None = None
    keep_words: bool = False
    unfinished: bool = False
    tests: bool = True
    yes: bool = False

    def command(self, source: str, **more: bool) -> str:
        """The command that runs this update again, with more options."""
        given = replace(self, **cast("dict[str, Any]", more))
        words = [
            f"{name}=1"
            for name, chosen in (
                ("ONLY", given.only),
                ("PRUNE", given.prune),
                ("KEEP_WORDS", given.keep_words),
                ("UNFINISHED", given.unfinished),
                ("NO_TESTS", not given.tests),
                ("YES", given.yes),
            )
            if chosen
        ]
        if given.contract:
            words.insert(0, f"CONTRACT={given.contract}")
        # The address may hold a password or a token, which is not printed.
        address = source if shown(source) == source else "<the same address>"
        return " ".join(["make update-spec", shlex.quote(f"FROM={address}"), *words])


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Update from the command line; 0 when all is well, 1 on an error or when tests fail."""
    parser = argparse.ArgumentParser(
        prog="make update-spec",
        description="Take over a newer published contract and make the client from it.",
    )
    parser.add_argument(
        "source",
        metavar="FROM",
        help="a file or an http(s) URL: OpenAPI 3 as YAML or JSON, or a Markdown page with it in a block",
    )
    parser.add_argument(
        "--contract",
        choices=sorted(CONTRACTS),
        help="which contract to update; otherwise the one that FROM shares most operations with",
    )
    parser.add_argument("--prune", action="store_true", help="remove overlay actions that no longer fit")
    parser.add_argument(
        "--only", action="store_true", help="FROM is a part: replace its operations and keep all others"
    )
    parser.add_argument(
        "--keep-words", action="store_true", help="keep the descriptions of FROM instead of ours"
    )
    parser.add_argument(
        "--unfinished",
        action="store_true",
        help="replace the files although the wrapper does not fit them yet",
    )
    parser.add_argument("--no-tests", action="store_true", help="do not run the tests at the end")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask: the report of this contract has been read already"
    )
    given = vars(parser.parse_args(arguments))
    source, tests = given.pop("source"), not given.pop("no_tests")
    try:
        return update(source, checkout or Checkout(), Options(tests=tests, **given))
    except (ContractError, unasync.UnasyncError) as error:
        say_error(error)
        return 1


def update(
    source: str,
    checkout: Checkout,
    options: Options,
    tests: Callable[[Path, list[str]], int] = run_tests,
    today: date | None = None,
) -> int:
    """Take over the contract at `source`; return the result of the tests, or 0 without them.

    Raises ContractError, with nothing changed on disk, when the contract cannot be used, its code
    does not work, the wrapper does not fit it, or there is nobody to ask.
    """
    published = valid_contract(source)
    checkout = with_contract_of(checkout, published.document, options.contract)
    texts = _Texts.of(checkout)
    present = read_contract(texts.contract, checkout.contract.name)
    newer = _whole(published.document, present, source, options)
    overlay = read_document(texts.overlay, checkout.overlay.name)
    ours = merged(present, overlay)

    changes = [_printable(change) for change in compare(present, newer)]
    methods = api_map.wrapper_methods(checkout, checkout.generated)
    say(f"From {checkout.contract.name} to {safe_line(shown(source))}:\n{report(changes, methods)}\n")
    overlay_text = _fitting_overlay(newer, overlay, texts.overlay, checkout, options, source)
    renamed = renames(ours, merged(newer, read_document(overlay_text, checkout.overlay.name)))
    if kept := keeping_actions(renamed, newer):
        overlay_text = with_items(overlay_text, "actions", kept, checkout.overlay.name)
    overlay = read_document(overlay_text, checkout.overlay.name)
    _report_redundant(newer, overlay, checkout)
    worded = Worded(newer) if options.keep_words else with_wording_of(newer, present)
    if interface(worded.document) != interface(newer):
        raise ContractError(
            "Our wording could not be put on this contract without changing it. To keep its own, run\n  "
            f"{options.command(source, keep_words=True)}"
        )
    contract_text = edited(texts.contract, worded.document, checkout.contract.name)
    if (contract_text, overlay_text) == (texts.contract, texts.overlay):
        say("The interface is the same as ours: nothing is written.")
        return 0
    if not changes and (places := written_otherwise(present, newer)):
        say(f"It says the same in another way at {safe_line(places)}.\n")

    with tempfile.TemporaryDirectory() as folder:
        left_out: list[LeftOut] = []
        made = tree.make(
            Path(folder), contract_text.encode(), overlay_text.encode(), left_out, names=checkout.names
        )
        _keep_other_packages(checkout, made)
        files = {
            checkout.contract: contract_text,
            checkout.overlay: overlay_text,
            checkout.lock: _new_lock(contract_text, overlay_text, published, checkout, options, today),
            **api_map.made_files(checkout, made),
            **unasync.made_files(checkout.root),
        }
        # Our tree knows the methods of operations that are gone, the new one those that are new.
        methods |= api_map.wrapper_methods(checkout, made)
        wrapper = WrapperReport(checkout, made, methods)
        for section in (
            # What is only written in another way needs no other description.
            wording_to_do(worded, keeps_words=options.keep_words or not changes),
            affected_methods(changes, methods),
            wrapper.renamed(renamed),
            wrapper.missing(ours, merged(newer, overlay)),
            wrapper.unusable(),
            _listed_left_out(left_out),
        ):
            if section:
                say(f"{section}\n")
        if wrapper.breaks_the_client and not options.unfinished:
            raise ContractError(
                "The client would no longer work with this contract, so nothing is changed. To have the new "
                "files in place while you change the lines above, run\n  "
                f"{options.command(source, unfinished=True)}"
            )
        if not (options.yes or _is_agreed(source, options)):
            say("Nothing is changed.")
            return 1
        say(prove_made(made, left_out, checkout.names.package))
        _replace_all(checkout, files, made)
    say("The files are replaced and nothing is committed: review with `git diff`.")
    if wrapper.breaks_the_client:
        say_error("the wrapper does not fit the new files yet: change the lines above, then run `make check`")
        return 1
    if not options.tests:
        return 0
    concerned = {operation for change in changes for operation in change.operations}
    touched = {name for operation in concerned for name in methods.get(operation, [])}
    chosen = chosen_tests(checkout.root, touched, checkout.names)
    say(f"The tests that belong to this change, in {len(chosen)} file(s) or folder(s):")
    if not tests(checkout.root, chosen):
        say("They pass. `make check` runs all tests; run it before you commit.")
        return 0
    say_error("the tests fail on the new contract; its files are in place for review")
    return 1


def _whole(newer: Document, present: Document, source: str, options: Options) -> Document:
    """The whole newer contract. Raises ContractError for a part that is not called one."""
    if options.only:
        return with_part(present, newer)
    if is_part(newer, present) and not options.unfinished:
        here, there = (len(operations_of(document)) for document in (present, newer))
        raise ContractError(
            f"{shown(source)} has {there} operation(s) and our contract {here}: it is a part, and all other "
            "operations would be removed. To replace the operations in it and keep the others, run\n  "
            f"{options.command(source, only=True)}"
        )
    return newer


def _printable(change: Change) -> Change:
    """The change with every text of the contract on one line: none can pass for another line."""
    return replace(change, where=safe_line(change.where), text=safe_line(change.text))


def _is_agreed(source: str, options: Options) -> bool:
    """Whether the person at the terminal has read the report and agrees."""
    if not sys.stdin.isatty():
        raise ContractError(
            "Nothing is changed: the code of this contract is run only after somebody has read the report. "
            f"Run this in a terminal, or once more as\n  {options.command(source, yes=True)}"
        )
    say("Nothing of the new contract has been run yet.")
    try:
        answer = input("Take it over, and run the code that was made from it? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def _keep_other_packages(checkout: Checkout, made: Path) -> None:
    """Copy what was made from other contracts, which this update does not concern."""
    for other in checkout.of_each_contract():
        package = checkout.generated / other.names.package
        if other.names != checkout.names and package.exists():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(package, made / other.names.package, ignore=ignored, dirs_exist_ok=True)


def _listed_left_out(left_out: list[LeftOut]) -> str:
    if not left_out:
        return ""
    title = f"Operations that no code can be made of ({len(left_out)}):"
    return "\n".join([title, *(f"  {safe_line(str(operation))}" for operation in left_out)])


def _new_lock(
    contract: str,
    overlay: str,
    published: PublishedContract,
    checkout: Checkout,
    options: Options,
    today: date | None,
) -> str:
    day = today or datetime.now(UTC).date()
    if options.only:
        operations = [operation.http for operation in operations_of(published.document)]
        provenance = read_provenance(checkout.lock).with_part(published.content, operations, day)
    else:
        provenance = Provenance.of(published.content, published.document, day)
    return lock_text(contract.encode(), overlay.encode(), provenance, checkout.contract.name)


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
    newer: Document, overlay: Document, text: str, checkout: Checkout, options: Options, source: str
) -> str:
    """The overlay with only fitting actions. Raises ContractError unless others may be pruned."""
    gone = unfitting_actions(newer, overlay)
    if not gone:
        return text
    listed = (
        f"{len(gone)} action(s) of {checkout.overlay.name} no longer match anything, or need what is gone:\n"
        f"{listed_actions(gone)}"
    )
    if not options.prune:
        raise ContractError(
            f"{listed}\nNothing is changed. Correct them, or have them removed:\n  "
            f"{options.command(source, prune=True)}"
        )
    say(f"{listed}\nThey are removed.\n")
    return without_actions(text, overlay, gone, checkout.overlay.name)


def _report_redundant(newer: Document, overlay: Document, checkout: Checkout) -> None:
    if redundant := redundant_actions(newer, overlay):
        say(
            f"{len(redundant)} action(s) of {checkout.overlay.name} are part of the new contract itself; "
            f"they can be removed:\n{listed_actions(redundant)}\n"
        )


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
