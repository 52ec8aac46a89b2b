"""``mllint completion``: prints the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from mllint.cli.console import write
from mllint.cli.errors import CommandError

_SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS), metavar="SHELL")
def completion(shell: str) -> None:
    """Print the completion script of SHELL: bash, zsh, fish or powershell.

    For bash, put `eval "$(mllint completion bash)"` into ~/.bashrc; for zsh likewise into ~/.zshrc; for fish,
    write the script to ~/.config/fish/completions/mllint.fish.
    """
    from mllint.cli import cli

    maker = get_completion_class(shell)
    if maker is None:
        raise CommandError(f"this version of click cannot complete in {shell}")
    write([maker(cli, {}, "mllint", "_MLLINT_COMPLETE").source(), "\n"])
