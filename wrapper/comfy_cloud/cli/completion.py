"""`comfy-cloud completion`: print the script that lets a shell complete this command.

The script is click's own. It calls the command with an environment variable set; `app.run`
handles that call.
"""

from __future__ import annotations

import click

from ._console.commands import Command
from ._console.streams import write_data
from .app import COMPLETE_VARIABLE, PROGRAM, root


@click.command("completion", cls=Command, examples=["completion bash"])
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="The shell that completes.")
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
    # The base class's method: the one for bash first runs bash to check its version, and can fail.
    write_data(ShellComplete.source(found(root, {}, PROGRAM, COMPLETE_VARIABLE)))
