"""What must hold of everything that a command prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from comfy_cloud.cli._console.exits import EXIT_CODES

from .circumstances import Trial

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_CRASHES = ("Traceback (most recent call last)", "Exception ignored", "unexpected ", "Fatal Python error")
_PYTHON = re.compile(r"\b(?:api_key|base_url|params|storage_hosts|read_only|allow_insecure)=")
_UNBROKEN = re.compile(r"`[^`]+`[^\s`]*|\S+")
_TEMPORARY = re.compile(r"\.part$|\.tmp$|(?:^|/)\.comfy-")


def faults_of(trial: Trial, all_of_command: Sequence[Trial]) -> Iterator[str]:
    """What is wrong with a trial of a command, each as a sentence."""
    where, outcome = trial.circumstance, trial.outcome
    shown = outcome.out + outcome.err
    for sign in _CRASHES:
        if sign in shown:
            yield f"prints {sign!r}"
    if trial.key in shown:
        yield "shows the key"
    if outcome.code not in EXIT_CODES:
        yield f"ends with {outcome.code}, which is not documented"
    has_data = any(each.outcome.out for each in all_of_command if each.circumstance.name == "pipe")
    expected = _expected_codes(trial, has_data=has_data)
    if outcome.code not in expected:
        yield f"ends with {outcome.code}, not {' or '.join(map(str, sorted(expected)))}"
    if where.width is None or where.environment.get("TERM") == "dumb":
        if "\x1b" in shown:
            yield "prints escape codes"
    elif where.environment.get("NO_COLOR") and _COLORS.sub(_color, shown) != shown:
        yield "prints colors"
    yield from _faults_of_lines(trial)
    yield from _faults_of_messages(trial)
    for name in trial.left:
        if _TEMPORARY.search(name):
            yield f"leaves {name}"


def _color(found: re.Match[str]) -> str:
    """Nothing for a color; bold, dim and the end of a style are no colors."""
    numbers = {int(number or 0) for number in found[0][2:-1].split(";")}
    return "" if any(30 <= number <= 107 for number in numbers) else found[0]


def _expected_codes(trial: Trial, *, has_data: bool) -> set[int]:
    where, invocation = trial.circumstance, trial.invocation
    if where.arguments == "wrong":
        return {2}
    if where.arguments == "unknown":
        return {invocation.unknown_code}
    if where.server == "none":
        return {invocation.down_code}
    if not where.has_key and invocation.needs_key and not invocation.is_local:
        return {4}
    if where.interrupts or (invocation.serves and where.output == "all"):
        return {130} if not invocation.serves else {0, 130}
    if where.output == "full":
        return {1} if has_data else {invocation.code}
    return {invocation.code}


def _faults_of_lines(trial: Trial) -> Iterator[str]:
    where = trial.circumstance
    if where.width is None:
        return
    for name, text in (("stdout", trial.outcome.out), ("stderr", trial.outcome.err)):
        if name == "stdout" and trial.invocation.is_verbatim:
            continue
        widest = max(printed_lines(text), key=cell_len, default="")
        if cell_len(widest) > where.width and not _is_for_copying(widest):
            yield f"{name} has a line of {cell_len(widest)} columns: {widest}"


def _is_for_copying(line: str) -> bool:
    """Whether it is one thing that is not to be broken, such as an id, after a label."""
    return len(_UNBROKEN.findall(line)) <= 2


def printed_lines(text: str) -> list[str]:
    """The lines, without escape codes."""
    return re.split(r"[\r\n]+", _ESCAPES.sub("", text))


def _faults_of_messages(trial: Trial) -> Iterator[str]:
    where, outcome, invocation = trial.circumstance, trial.outcome, trial.invocation
    err = " ".join(printed_lines(outcome.err))
    if _PYTHON.search(err):
        yield f"speaks of arguments of Python: {err}"
    if outcome.code not in (0, 130) and not err.strip() and not outcome.out:
        yield "fails without a message"
    if (
        where.server == "none"
        and invocation.down_code == 9
        and not (
            trial.address.removeprefix("http://") in err and "COMFY_CLOUD_BASE_URL" in err and "doctor" in err
        )
    ):
        yield f"does not name the address that is not reached, and its source: {err}"
    if outcome.code == 4 and not re.search("auth (login|status)", err + outcome.out):
        yield f"does not say how to set a key: {err}"
    if where.interrupts and "interrupted" not in err:
        yield f"does not say that it was interrupted: {err}"
    if where.arguments == "wrong" and "--no-such-option" not in err:
        yield f"does not name the option: {err}"
