from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_outcome import Run

from mllint.rule.declarative import load_rules
from mllint.rule.rule import SECTIONS, page_sections
from mllint.testing import check_rule_file

PACK = Path(__file__).parents[2] / "fixtures" / "packs" / "example-pack"


def installed_mllint(*arguments: str, cwd: Path, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    return python("-c", "from mllint.cli import main; main()", *arguments, cwd=cwd, path=path)


def python(*arguments: str, cwd: Path, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("MLLINT", "PYTEST"))},
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "XDG_CACHE_HOME": str(cwd / ".cache"),
    }
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)


def files_below(directory: Path) -> set[str]:
    files = (path.relative_to(directory) for path in directory.rglob("*") if path.is_file())
    return {file.as_posix() for file in files if not {".cache", "__pycache__"} & set(file.parts)}


@pytest.fixture
def repository(project: Path) -> Path:
    (project / "pyproject.toml").write_text('[project]\nname = "churn"\n')
    (project / "notebooks").mkdir()
    return project


@pytest.fixture
def pack(tmp_path: Path) -> tuple[Path, tuple[Path, ...]]:
    """The source tree of a pack that is installed from there, and where to find it."""
    project = shutil.copytree(PACK, tmp_path / "pack")
    metadata = tmp_path / "installed" / "acme_mllint_rules-1.2.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-mllint-rules\nVersion: 1.2.0\n")
    (metadata / "entry_points.txt").write_text("[mllint.rules]\nacme = acme_mllint_rules:pack\n")
    return project, (project / "src", metadata.parent)


def test_a_repository_gets_a_toml_rule_that_works(
    repository: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "notebooks")
    done = mllint("new-rule", "global-frame", "--category", "data")
    assert (done.code, done.err) == (0, "")
    assert "mllint-rules/global-frame.toml" in done.out
    file = repository / "mllint-rules" / "global-frame.toml"
    assert files_below(repository) == {"pyproject.toml", "mllint-rules/global-frame.toml"}
    (rule,) = load_rules(file)
    assert (rule.name, rule.category) == ("global-frame", "data")
    sections = page_sections(rule.page())
    assert {title for title, needed in SECTIONS.items() if needed} <= set(sections)
    assert check_rule_file(file) == []
    monkeypatch.chdir(repository)
    (repository / "a.py").write_text("import package\npackage.function()\n")
    done = mllint("check", "--select", "global-frame", "--fix", "--unsafe-fixes")
    assert (repository / "a.py").read_text() == "import package\npackage.function(option=True)\n"
    assert done.code == 0, done.out + done.err


def test_a_repository_can_name_another_folder(repository: Path, mllint: Run) -> None:
    (repository / "mllint.toml").write_text('rule-paths = ["tools/rules"]\n')
    assert mllint("new-rule", "global-frame").code == 0
    assert (repository / "tools" / "rules" / "global-frame.toml").is_file()


@pytest.mark.parametrize("arguments", [(), ("--declarative",)], ids=["python", "declarative"])
def test_a_pack_gets_a_rule_and_its_cases(pack: tuple[Path, tuple[Path, ...]], arguments: tuple[str, ...]) -> None:
    project, path = pack
    before = files_below(project)
    done = installed_mllint(
        "new-rule", "global-frame", "--category", "operations", *arguments, cwd=project / "tests", path=path
    )
    assert (done.returncode, done.stderr) == (0, "")
    folder = "src/acme_mllint_rules/operations"
    made = {f"{folder}/global_frame.toml"} if arguments else {f"{folder}/global_frame.py", f"{folder}/__init__.py"}
    assert files_below(project) - before == {*made, "cases/operations/global-frame.md"}
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "global-frame", cwd=project, path=path)
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    done = installed_mllint("rules", "--category", "operations", cwd=project, path=path)
    assert "global-frame" in done.stdout
    for style in (["check", "--select", "E,F,I,D1,B"], ["format", "--check"]):
        done = python("-m", "ruff", *style, "--isolated", "--line-length", "120", folder, cwd=project)
        assert done.returncode == 0, done.stdout


def test_a_pack_can_be_named(project: Path, mllint: Run) -> None:
    shutil.copytree(PACK, project / "pack")
    arguments = ("new-rule", "global-frame", "--category", "data", "--pack", "pack/src/acme_mllint_rules")
    assert mllint(*arguments).code == 0
    assert (project / "pack" / "src" / "acme_mllint_rules" / "data" / "global_frame.py").is_file()
    assert (project / "pack" / "cases" / "data" / "global-frame.md").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Global_Frame",), 'error: "Global_Frame" is not kebab-case: '),
        (("no-global-frame",), 'error: a rule is named after what it finds and reads after "allow": "global-frame"'),
        (("global-frame", "--category", "leakag"), 'error: there is no category "leakag"; did you mean "leakage"?'),
        (("global-frame", "--category", "x"), 'error: there is no category "x"; there are reproducibility, '),
        (("unseeded-split",), 'error: there is a rule "unseeded-split" already, in the pack "builtin"'),
        (("global-frame", "--pack", "notebooks"), "error: notebooks is not a package: it has no __init__.py"),
        (("taken",), "error: mllint-rules/taken.toml exists already"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(
    repository: Path, mllint: Run, arguments: tuple[str, ...], message: str
) -> None:
    (repository / "mllint-rules").mkdir()
    (repository / "mllint-rules" / "taken.toml").write_text(
        '[[rule]]\nname = "other"\ncategory = "data"\nsummary = "A."\nmessage = "A"\nmatch = [{ call = "a.b" }]\n'
    )
    done = mllint("new-rule", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)
    assert done.err.count("\n") == 1


def test_a_rule_of_a_pack_needs_a_category(pack: tuple[Path, tuple[Path, ...]]) -> None:
    project, path = pack
    before = files_below(project)
    done = installed_mllint("new-rule", "global-frame", cwd=project, path=path)
    assert (done.returncode, done.stderr.startswith("error: name the category with --category: ")) == (2, True)
    assert files_below(project) == before
