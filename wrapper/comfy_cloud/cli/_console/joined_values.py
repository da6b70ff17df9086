"""Values of options that are written as one word, `--option=value`, in zsh and fish.

Both shells replace the whole word by what is completed, so it has to begin with the option; click
gives the value alone. bash divides the word at `=`.
"""

from __future__ import annotations

from typing import Any

from click.shell_completion import CompletionItem, FishComplete, ZshComplete, add_completion_class


def register() -> None:
    """Let click use the classes of this module."""
    add_completion_class(_Zsh)
    add_completion_class(_Fish)


class _Zsh(ZshComplete):
    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        return _with_option(super().get_completions(args, incomplete), incomplete)


class _Fish(FishComplete):
    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        return _with_option(super().get_completions(args, incomplete), incomplete)


def _with_option(items: list[CompletionItem[Any]], incomplete: str) -> list[CompletionItem[Any]]:
    option, equals, _ = incomplete.partition("=")
    if equals and option.startswith("--"):
        for item in items:
            if item.type == "plain":
                item.value = f"{option}={item.value}"
    return items
