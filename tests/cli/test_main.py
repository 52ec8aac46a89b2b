"""The entry point: help, errors, and what is not imported."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from cli_outcome import Run
from click.testing import CliRunner

from mllint import __version__
from mllint.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_exist_and_have_help(name: str) -> None:
    entry = COMMANDS[name]
    command = getattr(import_module(entry.module), entry.attribute)
    assert isinstance(command, click.Command)
    printed = CliRunner().invoke(cli, [name, "--help"])
    assert printed.exit_code == 0
    assert printed.output.startswith(f"Usage: mllint {name} ")


def test_every_option_is_explained() -> None:
    for entry in COMMANDS.values():
        command = getattr(import_module(entry.module), entry.attribute)
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, (command.name, option.name)


def test_help_lists_commands(mllint: Run) -> None:
    outcome = mllint("--help")
    assert outcome.code == 0
    assert all(name in outcome.out and entry.summary in outcome.out for name, entry in COMMANDS.items())


def test_without_arguments_help_is_printed(mllint: Run) -> None:
    outcome = mllint()
    assert outcome.code == 2
    assert "Commands:" in outcome.err


def test_version(mllint: Run) -> None:
    assert mllint("--version").out == f"mllint {__version__}\n"


def test_unknown_command_gets_a_suggestion(mllint: Run) -> None:
    outcome = mllint("chekc")
    assert outcome.code == 2
    assert outcome.err.splitlines()[0] == 'error: there is no command "chekc"; did you mean "mllint check"?'


def test_path_instead_of_a_command(mllint: Run, script: Path) -> None:
    outcome = mllint("train.py")
    assert outcome.err.splitlines()[0] == 'error: there is no command "train.py"; did you mean "mllint check train.py"?'


def test_unknown_option(mllint: Run) -> None:
    outcome = mllint("check", "--unsafe-fix")
    assert outcome.code == 2
    assert "--unsafe-fixes" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], {"libcst", "nbformat", "rich", "rich.console", "msgspec", "ruff", "pathspec"}),
        (["--version"], {"libcst", "nbformat", "rich", "rich.console", "msgspec", "ruff", "pathspec"}),
        (["check", "--help"], {"libcst", "nbformat", "rich.console", "rich.style", "pathspec"}),
        (["config", "select"], {"libcst", "nbformat", "rich.console", "rich.style", "pathspec"}),
        (["completion", "bash"], {"libcst", "nbformat", "rich.console", "msgspec"}),
    ],
)
def test_commands_import_no_more_than_they_need(arguments: list[str], absent: set[str]) -> None:
    code = (
        "import sys\n"
        "from mllint.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "finally:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert absent.isdisjoint(finished.stderr.split())


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "mllint", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("mllint ")


def test_internal_errors_cost_one_line(mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = click.Option(["-v", "--verbose"], is_flag=True)
    broken = click.Command("broken", callback=lambda verbose: [][1], params=[flag])
    monkeypatch.setattr("mllint.cli.completion.completion", broken)
    outcome = mllint("completion")
    assert outcome.code == 2
    assert outcome.err.startswith("mllint: internal error in <lambda> (test_main.py:")
    assert outcome.err.endswith(
        "IndexError: list index out of range; please report it; --verbose shows the traceback\n"
    )
    assert outcome.err.count("\n") == 1
    assert "Traceback" in mllint("completion", "--verbose").err


def test_interruption_is_quiet(mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mllint.cli.completion.completion", click.Command("slow", callback=interrupt))
    outcome = mllint("completion")
    assert outcome.code == 130
    assert outcome.err.strip() == ""


def test_closed_pipe_is_quiet() -> None:
    command = [sys.executable, "-m", "mllint", "config", "--schema"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 1
