"""Try every command and write what it printed: `python -m scripts.command_table [WORDS...]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from .account import Account, demo_account
from .circumstances import CIRCUMSTANCES, Trial, attempt
from .invocations import INVOCATIONS
from .page import write_page
from .program import Program
from .rules import faults_of


def main() -> int:
    """Try the commands; returns 1 if a rule does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only commands that begin with these words")
    parser.add_argument("--only", action="append", help="only under this circumstance")
    parser.add_argument("--page", type=Path, help="write the table to this Markdown file")
    parser.add_argument("--full", type=Path, help="write all that was printed to this Markdown file")
    given = parser.parse_args()
    chosen = [words for words in INVOCATIONS if words.startswith(" ".join(given.words))]
    trials, count = [], 0
    with ThreadPoolExecutor(2) as pool, ExitStack() as stack:
        # Commands that change nothing share accounts: one for each that runs at a time.
        shared = [(stack.enter_context(Program()), stack.enter_context(_new_account())) for _ in range(2)]
        for found in pool.map(partial(_tried, only=given.only, shared=shared), chosen):
            trials += found
            for trial in found:
                for fault in faults_of(trial, found):
                    count += 1
                    print(f"{trial.words} ({trial.circumstance.name}): {fault}", file=sys.stderr, flush=True)
    if given.page or given.full:
        write_page(trials, given.page, given.full)
    print(f"{len(chosen)} commands, {len(trials)} trials, {count} faults", file=sys.stderr)
    return 1 if count else 0


@contextmanager
def _new_account() -> Iterator[Account]:
    with tempfile.TemporaryDirectory() as folder, demo_account(Path(folder)) as account:
        yield account


def _tried(words: str, only: list[str] | None, shared: list[tuple[Program, Account]]) -> list[Trial]:
    """A command under all circumstances; one that changes things gets a new account each time."""
    invocation = INVOCATIONS[words]
    trials = []
    program, account = shared.pop()
    for where in CIRCUMSTANCES:
        if not where.applies_to(invocation) or (only and where.name not in only):
            continue
        with tempfile.TemporaryDirectory() as folder:
            if invocation.changes:
                with _new_account() as other:
                    trials.append(attempt(program, words, where, other, Path(folder)))
            else:
                trials.append(attempt(program, words, where, account, Path(folder)))
    shared.append((program, account))
    return trials


if __name__ == "__main__":
    sys.exit(main())
