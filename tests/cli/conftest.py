"""Runs the command line in this process, away from the user's own configuration and caches."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from cli_outcome import LEAKY, Outcome, Run

from mllint.cli import main


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory for all tests, so that packs are compiled once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the working directory."""
    directory = tmp_path / "project"
    directory.mkdir()
    monkeypatch.chdir(directory)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "MLLINT_OUTPUT_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in (("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config"), ("HOME", ".")):
        monkeypatch.setenv(name, str(home / folder))
    return directory


@pytest.fixture
def mllint(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run mllint with some arguments, and standard input if it is given."""

    def run(*arguments: str | Path, stdin: str | None = None) -> Outcome:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert isinstance(exit_.value.code, int)
        return Outcome(exit_.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def script(project: Path) -> Path:
    """A script with one finding that has a safe fix."""
    path = project / "train.py"
    path.write_text(LEAKY)
    return path


@pytest.fixture
def notebook(project: Path) -> Path:
    """A notebook with a finding in its third cell, and a shell cell."""
    path = project / "churn.ipynb"
    path.write_text(json.dumps(_notebook("%%bash\nls", LEAKY), indent=1) + "\n")
    return path


def _notebook(*sources: str) -> dict[str, Any]:
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# Churn\n", "What it is about."]}
    code = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources, start=1)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": [title, *code], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
