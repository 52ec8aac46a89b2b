"""The command line. Each command is a module of this package, imported when the command is used."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click

import mllint


class _Entry(NamedTuple):
    """A command that is not imported yet: where it is, and what the list of commands says about it."""

    module: str
    attribute: str
    summary: str


#: The commands in the order in which help lists them.
COMMANDS = {
    "check": _Entry("mllint.cli.check", "check", "Check files and notebooks, and fix them with --fix."),
    "rule": _Entry("mllint.cli.rule", "rule", "Explain a rule."),
    "rules": _Entry("mllint.cli.rules", "rules", "List the rules."),
    "config": _Entry("mllint.cli.config", "config", "Explain the configuration."),
    "new-rule": _Entry("mllint.cli.new_rule", "new_rule", "Start a new rule."),
    "clean": _Entry("mllint.cli.clean", "clean", "Remove caches."),
    "completion": _Entry("mllint.cli.completion", "completion", "Print the completion script of a shell."),
}


class _LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(import_module(entry.module), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib
            from pathlib import Path

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f'; did you mean "mllint {close[0]}"?' if close else ""
            if not close and Path(name).exists():
                hint = f'; did you mean "mllint check {name}"?'
            raise click.UsageError(f'there is no command "{name}"{hint}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(
    name="mllint",
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(mllint.__version__, "-V", "--version", prog_name="mllint", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, /) -> None:
    """A linter for machine-learning code: Python files and notebooks in, explained diagnostics and fixes out."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 clean, 1 diagnostics, 2 something went wrong."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show must not end a run
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    try:
        code: Any = cli.main(arguments, prog_name="mllint", standalone_mode=False)
    except click.UsageError as error:
        _show_usage_error(error)
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # the last resort: whatever went wrong in mllint itself costs one line
        _show_internal_error(error, verbose=not {"-v", "--verbose"}.isdisjoint(arguments))
        return 2
    return code if isinstance(code, int) else 0


def _show_usage_error(error: click.UsageError) -> None:
    command = error.ctx.command_path if error.ctx is not None else "mllint"
    message = error.format_message()
    click.echo(f"error: {message[:1].lower()}{message[1:].removesuffix('.')}", err=True)
    click.echo(f"`{command} --help` lists what can be given.", err=True)


def _show_internal_error(error: Exception, *, verbose: bool) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name} ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    hint = "" if verbose else "; --verbose shows the traceback"
    click.echo(f"mllint: internal error{place}: {text}; please report it{hint}", err=True)
    if verbose:
        click.echo("".join(traceback.format_exception(error)), nl=False, err=True)
