"""Runs the commands of the README and of the pages: what they show is what mllint prints.

A page is a story. It begins in a copy of the demo project; files that it introduces are written, and the commands of
its ``console`` blocks run one after the other. ``cd`` moves the story elsewhere.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import NamedTuple

import pytest
from markdown_blocks import PAGES, ROOT, Block, blocks

DEMO = ROOT / "fixtures" / "projects" / "churn"
#: Stands for any lines of output where it is alone on a line, and for any text within one.
ANYTHING = "..."


class Command(NamedTuple):
    """A command with the output that the page shows, and its row."""

    text: str
    expected: list[str]
    row: int


def commands(block: Block) -> list[Command]:
    found: list[Command] = []
    for row, line in enumerate(block.text.splitlines(), start=block.row + 1):
        if line.startswith("$ "):
            found.append(Command(line[2:], [], row))
        elif found and found[-1].text.endswith("\\") and not found[-1].expected:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        else:
            assert found, f"row {row}: output without a command"
            found[-1].expected.append(line.rstrip())
    return found


def matches(expected: list[str], printed: list[str]) -> bool:
    """Tell whether output is as expected."""
    pattern = "".join(
        "(?:.*\n)*?" if line == ANYTHING else ".*".join(map(re.escape, line.split(ANYTHING))) + "\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an environment that sees what is installed here, and into which a page can install more."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False)
    (python,) = environment.glob("bin/python")
    (packages,) = environment.glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")
    (packages / "parent.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    for name in ("mllint", "pip", "pytest"):
        program = python.with_name(name)
        program.write_text(f'#!/bin/sh\nexec "{python}" -m {name} "$@"\n')
        program.chmod(0o755)
    return python.parent


class Story:
    """What a page has done so far."""

    def __init__(self, directory: Path, programs: Path) -> None:
        self.cwd = shutil.copytree(DEMO, directory / DEMO.name)
        self.status = 0
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MLLINT", "PYTEST", "XDG_"))},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(directory),
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the wrong way round
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def write(self, name: str, text: str) -> None:
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, command: str) -> list[str]:
        if command.startswith("cd "):
            self.cwd = (self.cwd / command[3:].strip()).resolve(strict=True)
            return []
        script = f"(exit {self.status})\n{command}"  # so that $? is the status of the command before
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.cwd,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.status = done.returncode
        return [line.rstrip() for line in done.stdout.splitlines()]


def pages_with_commands() -> list[Path]:
    return [page for page in PAGES if any(block.info == "console" for block in blocks(page))]


@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: page.name)
def test_commands_do_what_the_page_shows(page: Path, tmp_path: Path, programs: Path) -> None:
    story = Story(tmp_path, programs)
    failures: list[str] = []
    failed: str | None = None
    for block in blocks(page):
        if block.file is not None:
            story.write(block.file, block.text)
        for command in commands(block) if block.info == "console" else ():
            place = f"{page.name}:{command.row}: $ {command.text}"
            if failed is not None and command.text != "echo $?":
                failures.append(failed)
            printed = story.run(command.text)
            failed = None
            if story.status >= 2 or (story.status == 1 and command.text.split()[0] not in ("mllint", "diff")):
                failed = "\n".join(
                    [f"{place} ends with exit code {story.status}, which the page does not show", *printed]
                )
            if command.expected and not matches(command.expected, printed):
                failures.append("\n".join([place, *difflib.ndiff(command.expected, printed)]))
    if failed is not None:
        failures.append(failed)
    if failures:
        pytest.fail("\n\n".join(failures), pytrace=False)


def test_no_command_hides_in_another_block() -> None:
    known = {"console", "python", "toml", "markdown", "yaml", "json", "text", "", "sh"}
    shell = []
    for page in PAGES:
        for block in blocks(page):
            place = f"{page.name}:{block.row}"
            assert block.info in known, place
            assert block.info == "console" or not re.search(r"^\$ ", block.text, re.MULTILINE), place
            if block.info == "sh":
                shell.append(page.name)
    assert shell == ["README.md", "README.md"]  # the two that set mllint up; CI runs them in a new environment


def test_python_on_path_is_this_one(programs: Path) -> None:
    code = "import sys, mllint; print(sys.version_info[:2], mllint.__file__)"
    done = subprocess.run([programs / "python", "-c", code], capture_output=True, text=True, check=True)
    import mllint

    assert done.stdout.split(") ", 1)[1].strip() == mllint.__file__
    assert done.stdout.startswith(str(sys.version_info[:2]))
