"""`comfy-cloud completion`: print the script that makes a shell complete this command.

The script is click's own; it calls the command back with a variable set, which `app` answers.
"""

from __future__ import annotations

import click

from .app import COMPLETE_VARIABLE, PROGRAM, root
from .options import Command
from .printing import write


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash   echo 'eval "$(comfy-cloud completion bash)"' >> ~/.bashrc
    zsh    echo 'eval "$(comfy-cloud completion zsh)"' >> ~/.zshrc
    fish   comfy-cloud completion fish > ~/.config/fish/completions/comfy-cloud.fish
    """
    from click.shell_completion import ShellComplete, get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has all three
    # The base class's method: bash's own first starts a bash to ask for its version, and may fail over it.
    write(ShellComplete.source(found(root, {}, PROGRAM, COMPLETE_VARIABLE)))
