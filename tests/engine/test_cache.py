"""The result cache: found again, never wrong, never in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mllint.config.loading import SettingsResolver
from mllint.engine.cache import CACHE_DIRECTORY, clean
from mllint.engine.result import RunResult
from mllint.engine.run import RunRequest, run
from mllint.project.build import forget_project_facts

SPLIT = "from sklearn.model_selection import train_test_split\n\nrows = train_test_split(X)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.mllint]\nselect = ['unseeded-split']\n")
    (tmp_path / "train.py").write_text(SPLIT)
    return tmp_path


@pytest.fixture
def check(project: Path) -> Callable[[], RunResult]:
    def check() -> RunResult:
        forget_project_facts()  # as a new process would
        return run(RunRequest(paths=[project], jobs=1, cwd=project), SettingsResolver(project))

    return check


def rules(result: RunResult) -> list[str]:
    return [diagnostic.rule for diagnostic in result.diagnostics]


def test_the_second_run_is_answered_from_the_cache(check: Callable[[], RunResult]) -> None:
    first, second = check(), check()
    assert (first.summary.cached, second.summary.cached) == (0, 1)
    assert first.diagnostics == second.diagnostics
    assert (first.summary.files, first.summary.lines) == (second.summary.files, second.summary.lines)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("train.py", SPLIT.replace("(X)", "(X, random_state=1)"), []),
        ("pyproject.toml", "[tool.mllint]\nselect = ['unseeded-split']\nignore = ['unseeded-split']\n", []),
        ("pyproject.toml", "[tool.mllint]\nselect = ['unseeded-split']\nseed = 7\n", ["unseeded-split"]),
        ("requirements.txt", "scikit-learn==1.5.2\n", ["unseeded-split"]),
    ],
)
def test_a_change_of_what_a_result_rests_on_is_seen(
    check: Callable[[], RunResult], project: Path, name: str, content: str, expected: list[str]
) -> None:
    check()
    (project / name).write_text(content)
    result = check()
    assert result.summary.cached == 0
    assert rules(result) == expected


def test_a_module_that_seeds_is_seen_by_its_importer(check: Callable[[], RunResult], project: Path) -> None:
    (project / "train.py").write_text(f"import common\n{SPLIT}")
    (project / "common.py").write_text("x = 1\n")
    assert rules(check()) == ["unseeded-split"]
    (project / "common.py").write_text("import numpy\nnumpy.random.seed(1)\n")
    assert rules(check()) == []


def test_a_damaged_entry_counts_as_none(check: Callable[[], RunResult], project: Path) -> None:
    check()
    for path in (project / CACHE_DIRECTORY).rglob("*"):
        if path.is_file() and path.name not in (".gitignore", "CACHEDIR.TAG"):
            path.write_bytes(b"\xff damaged")
    assert rules(check()) == ["unseeded-split"]
    assert check().summary.cached == 1


def test_a_cache_that_cannot_be_written_is_none(check: Callable[[], RunResult], project: Path) -> None:
    (project / CACHE_DIRECTORY).write_text("a file in the way")
    assert rules(check()) == ["unseeded-split"]


def test_clean_removes_only_caches(check: Callable[[], RunResult], project: Path) -> None:
    check()
    assert clean(project / CACHE_DIRECTORY)
    assert not clean(project / CACHE_DIRECTORY)
    with pytest.raises(OSError, match="CACHEDIR"):
        clean(project)


def test_a_cached_run_loads_no_parser(check: Callable[[], RunResult], project: Path) -> None:
    check()
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from mllint.config.loading import SettingsResolver\n"
        "from mllint.engine.run import RunRequest, run\n"
        "root = Path(sys.argv[1])\n"
        "result = run(RunRequest(paths=[root], jobs=1, cwd=root), SettingsResolver(root))\n"
        "heavy = [name for name in ('libcst', 'nbformat', 'rich', 'yaml') if name in sys.modules]\n"
        "print(json.dumps([result.summary.cached, heavy]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, project], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [1, []]
