"""Third-party packs, really built and installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKS = Path(__file__).parents[2] / "fixtures" / "packs"
CODE = "import acme_features\n\ncustomers = acme_features.load('customers')\n"


def install(pack: str, target: Path) -> None:
    """Build a pack and install it into a directory; pip is kept away from the network and from the checkout."""
    source = shutil.copytree(PACKS / pack, target.parent / f"{pack}-source")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--target", str(target), str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def example_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("example") / "installed"
    install("example-pack", target)
    return target


@pytest.fixture(scope="module")
def broken_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("broken") / "installed"
    install("broken-pack", target)
    return target


def python(arguments: list[str], cwd: Path, *installed: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("MLLINT", "PYTEST"))},
        "PYTHONPATH": os.pathsep.join(map(str, installed)),
        "XDG_CACHE_HOME": str(cwd / ".cache"),
    }
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def mllint(*arguments: str, cwd: Path, packs: tuple[Path, ...]) -> subprocess.CompletedProcess[str]:
    return python(["-c", "from mllint.cli import main; main()", *arguments], cwd, *packs)


def test_the_rules_of_a_pack_are_listed(example_pack: Path, tmp_path: Path) -> None:
    done = mllint("rules", "--pack", "acme", "--output-format", "json", cwd=tmp_path, packs=(example_pack,))
    assert done.returncode == 0, done.stderr
    rules = {rule["name"]: rule for rule in json.loads(done.stdout)}
    assert set(rules) == {"unpinned-snapshot", "renamed-feature-function"}
    assert rules["unpinned-snapshot"]["fixes"] == ["display-only"]
    assert rules["renamed-feature-function"]["fixes"] == ["safe"]


def test_the_rules_of_a_pack_run(example_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    done = mllint("check", "--output-format", "json", cwd=tmp_path, packs=(example_pack,))
    assert done.returncode == 1, done.stderr
    (found,) = (d for d in json.loads(done.stdout)["diagnostics"] if d["rule"] == "unpinned-snapshot")
    assert (found["filename"], found["location"]) == ("train.py", {"row": 3, "column": 13})


def test_options_reach_the_rules_of_a_pack(example_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    (tmp_path / "mllint.toml").write_text('[rules.unpinned-snapshot]\nlive-tables = ["customers"]\n')
    done = mllint("check", "--select", "unpinned-snapshot", cwd=tmp_path, packs=(example_pack,))
    assert done.returncode == 0, done.stdout + done.stderr


def test_declarative_rules_of_a_pack_fix(example_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("from acme_features.client import load\n")
    done = mllint("check", "--select", "renamed-feature-function", "--fix", cwd=tmp_path, packs=(example_pack,))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "train.py").read_text() == "from acme_features import load\n"


def test_a_pack_tests_itself_with_the_plugin(example_pack: Path, tmp_path: Path) -> None:
    project = shutil.copytree(PACKS / "example-pack", tmp_path / "pack")
    shutil.rmtree(project / "src")  # what is tested is what is installed
    done = python(["-m", "pytest", "-p", "no:cacheprovider", "-v"], project, example_pack)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cases/data/unpinned-snapshot.md::Snapshot left out PASSED" in done.stdout
    assert "tests/test_pack.py::test_the_fix_is_only_shown PASSED" in done.stdout


def test_a_case_that_fails_shows_what_differs(example_pack: Path, tmp_path: Path) -> None:
    project = shutil.copytree(PACKS / "example-pack", tmp_path / "pack")
    file = project / "cases" / "data" / "renamed-feature-function.md"
    file.write_text(file.read_text().replace("# error: [renamed-feature-function] 13-39", ""))
    done = python(["-m", "pytest", "-p", "no:cacheprovider", str(file)], project, example_pack)
    assert done.returncode == 1
    assert 'found    [renamed-feature-function] 13-39 "`acme_features.get_features` is gone' in done.stdout
    assert "Traceback" not in done.stdout


def test_a_broken_pack_costs_one_line_and_the_exit_code(broken_pack: Path, example_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    done = mllint("check", "--output-format", "json", cwd=tmp_path, packs=(broken_pack, example_pack))
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if "broken" in line]
    assert len(lines) == 1, done.stderr
    assert "No module named 'a_distribution_that_nobody_has'" in lines[0]
    assert "Traceback" not in done.stderr
    assert "unpinned-snapshot" in {diagnostic["rule"] for diagnostic in json.loads(done.stdout)["diagnostics"]}
