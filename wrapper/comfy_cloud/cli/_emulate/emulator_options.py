"""The options of `emulate` as they are typed, and the emulator that they describe."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .._console.exits import CommandError
from .._console.wording import in_command_words

if TYPE_CHECKING:
    from comfy_cloud_emulator import Account, Emulator, Fault

_ACCOUNT_FORM = (
    "an account is its key, then in any order tier=free|standard|creator|pro, credits=N, name=NAME; "
    "for example 'my-second-key tier=pro credits=100'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorOptions:
    """The values of the options, as click has read them."""

    port: int
    host: str
    files_port: int
    public_url: str | None
    public_files_url: str | None
    data: str | None
    seed_data: str
    key: str | None
    tier: str
    accounts: tuple[str, ...]
    speed: float
    quirks: str
    object_info: str | None
    faults: tuple[str, ...]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """From what `record` returned, after a way through JSON."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
        }
        return cls(**values)

    def record(self) -> dict[str, Any]:
        """The values for a process with another working folder: paths are absolute."""
        found = asdict(self)
        if self.data is not None:
            found["data"] = os.path.abspath(self.data)
        if self.object_info is not None and "://" not in self.object_info:
            found["object_info"] = os.path.abspath(self.object_info)
        return found

    def build(self) -> Emulator:
        """The emulator, not yet started. Raises CommandError, also if its packages are missing."""
        try:
            from comfy_cloud_emulator import DEFAULT_KEY, Emulator
        except ModuleNotFoundError as error:
            raise CommandError(
                f"this needs the package {error.name}: pip install 'comfy-cloud[emulator]'"
            ) from None

        try:
            emulator = Emulator(
                DEFAULT_KEY if self.key is None else self.key,
                _seed(self.seed_data),
                self.port,
                None if self.data is None else Path(self.data),
                tier=self.tier,  # type: ignore[arg-type]  # one of click's choices
                accounts=_accounts(self.accounts),
                speed=self.speed,
                quirks=_quirks(self.quirks),
                object_info=self.object_info,
                host=self.host,
                files_port=self.files_port,
                public_url=self.public_url,
                public_files_url=self.public_files_url,
            )
            emulator.faults.add(*[parse_fault(text) for text in self.faults])
        except ValueError as error:
            raise CommandError(in_command_words(str(error))) from None
        return emulator

    def keys(self, emulator: Emulator) -> list[str]:
        """The keys of all its accounts, which its log must not contain."""
        return [emulator.key, *_accounts(self.accounts)]


def _seed(text: str) -> Any:
    if text == "demo":
        return "demo"
    if text == "none":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    raise CommandError(f"--seed-data must be demo, none or a number of jobs, not {text!r}")


def _accounts(texts: tuple[str, ...]) -> dict[str, Account]:
    accounts: dict[str, Account] = {}
    for text in texts:
        key, account = parse_account(text)
        if key in accounts:
            raise CommandError("--account: two accounts have the same key; give each its own")
        accounts[key] = account
    return accounts


def parse_account(text: str) -> tuple[str, Account]:
    """The key and the account in a text such as `KEY tier=pro credits=100`.

    Raises CommandError, with a message that does not contain the key.
    """
    from comfy_cloud_emulator import Account

    key, *words = text.split() or [""]
    if not key or re.match(r"(tier|credits|name)=", key):
        raise CommandError(f"--account: the key must come first; {_ACCOUNT_FORM}")
    fields: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in ("tier", "credits", "name"):
            # The word may be part of a key, so the message does not repeat it.
            raise CommandError(f"--account: a word after the key is not valid; {_ACCOUNT_FORM}")
        if name in fields:
            raise CommandError(f"--account: {name} is given twice; {_ACCOUNT_FORM}")
        fields[name] = _number(value) if name == "credits" else value
    try:
        return key, Account(**fields)
    except ValueError as error:
        raise CommandError(f"--account: {error}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"--account: credits must be a number, not {text[:20]!r}") from None


def parse_fault(text: str) -> Fault:
    """The fault in a text such as `500 x2 GET /api/history_v2`.

    Raises CommandError, which describes the format.
    """
    from comfy_cloud_emulator.faults.text_form import fault_from_text

    try:
        return fault_from_text(text)
    except ValueError as error:
        raise CommandError(f"--fault {text!r}: {error}") from None


def _quirks(text: str) -> str | list[str]:
    from comfy_cloud_emulator.quirks import PRESETS

    if text in PRESETS:
        return text
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or set(PRESETS) & set(names):
        raise CommandError(
            f"--quirks must be one of {', '.join(PRESETS)}, or names of quirks separated by commas"
        )
    return names
