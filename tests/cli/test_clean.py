"""``mllint clean`` and ``mllint completion``."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_outcome import Run

TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"


def cache(directory: Path) -> Path:
    directory.mkdir(parents=True)
    (directory / "CACHEDIR.TAG").write_text(TAG)
    (directory / "entry").write_text("x")
    return directory


def test_caches_below_are_removed(mllint: Run, project: Path) -> None:
    here, below = cache(project / ".mllint_cache"), cache(project / "sub" / ".mllint_cache")
    outcome = mllint("clean")
    assert outcome.code == 0
    assert outcome.err.splitlines() == [f"Removed {here}", f"Removed {below}"]
    assert not here.exists()
    assert not below.exists()
    assert mllint("clean") == (0, "", "")


def test_configured_cache_is_removed(mllint: Run, project: Path, tmp_path: Path) -> None:
    elsewhere = cache(tmp_path / "elsewhere")
    (project / "mllint.toml").write_text('cache-dir = "../elsewhere"\n')
    assert mllint("clean").code == 0
    assert not elsewhere.exists()


def test_what_is_not_a_cache_stays(mllint: Run, project: Path) -> None:
    (project / ".mllint_cache").mkdir()
    (project / ".mllint_cache" / "thesis.tex").write_text("")
    outcome = mllint("clean")
    assert outcome.code == 2
    assert outcome.err.startswith("error: cannot remove ")
    assert (project / ".mllint_cache" / "thesis.tex").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion(mllint: Run, shell: str) -> None:
    outcome = mllint("completion", shell)
    if outcome.code == 2:  # older versions of click know fewer shells
        assert outcome.err == f"error: this version of click cannot complete in {shell}\n"
    else:
        assert "_MLLINT_COMPLETE" in outcome.out


def test_completion_offers_commands_and_options(mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_MLLINT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "mllint check --uns")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert "--unsafe-fixes" in mllint().out
