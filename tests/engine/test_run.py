"""Whole runs: groups, processes, order, files that kill the parser, rules that fail, project rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint.config.errors import ConfigError
from mllint.config.loading import SettingsResolver
from mllint.engine.result import RunResult
from mllint.engine.run import RunRequest, run

SPLIT = "from sklearn.model_selection import train_test_split\n\nrows = train_test_split(X)\n"


def check(root: Path, *paths: Path, jobs: int = 1, python_rules: tuple[Path, ...] = (), **options: object) -> RunResult:
    resolver = SettingsResolver(root, options)
    request = RunRequest(paths=paths or [root], jobs=jobs, cwd=root, use_cache=False, python_rules=python_rules)
    return run(request, resolver)


def places(result: RunResult) -> list[str]:
    return [f"{d.filename}:{d.location.row} {d.rule}" for d in result.diagnostics]


def test_each_file_has_the_settings_nearest_to_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mllint]\nselect = ['unseeded-split']\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "mllint.toml").write_text("select = ['seed-from-clock']\n")
    (tmp_path / "a.py").write_text(SPLIT)
    (tmp_path / "inner" / "b.py").write_text(SPLIT)
    assert places(check(tmp_path)) == ["a.py:3 unseeded-split"]


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("test_split.py", True),
        ("split_test.py", True),
        ("conftest.py", True),
        ("tests/split.py", True),
        ("pkg/test/deep/split.py", True),
        ("testing/split.py", False),
        ("latest.py", False),
        ("tests.py", False),
    ],
)
def test_rules_leave_tests_alone_unless_they_are_for_them(tmp_path: Path, name: str, is_test: bool) -> None:
    root = tmp_path / "test" / "project"  # what lies above the project says nothing
    file = root / name
    file.parent.mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.mllint]\n")
    # mllint: ignore[hardcoded-credential] made up for this test
    file.write_text(SPLIT + 'token = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345678"\n')
    secret, split = f"{name}:4 hardcoded-credential", f"{name}:3 unseeded-split"
    assert places(check(root)) == ([secret] if is_test else [split, secret])
    (root / "pyproject.toml").write_text("[tool.mllint]\ntest-files = []\n")
    assert places(check(root)) == [split, secret]
    (root / "pyproject.toml").write_text(f"[tool.mllint]\nextend-test-files = ['{Path(name).name}']\n")
    assert places(check(root)) == [secret]


def test_a_notebook_among_tests_is_a_test(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    code = (SPLIT + "a = 1").replace("\n", "\\n")
    cell = f'{{"cell_type": "code", "execution_count": null, "metadata": {{}}, "outputs": [], "source": "{code}"}}'
    notebook = f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}'
    (tmp_path / "a.ipynb").write_text(notebook)
    (tmp_path / "tests" / "b.ipynb").write_text(notebook)
    assert places(check(tmp_path)) == ["a.ipynb:3 unseeded-split"]


def test_processes_give_the_same_result_in_the_same_order(tmp_path: Path) -> None:
    for number in range(90):
        (tmp_path / f"job{number:02}.py").write_text(SPLIT)
    alone, together = check(tmp_path, jobs=1), check(tmp_path, jobs=2)
    assert alone.diagnostics == together.diagnostics
    assert alone.summary.files == together.summary.files == 90
    assert alone.summary.lines == together.summary.lines


def test_a_file_that_kills_its_process_costs_one_diagnostic(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "killer.py").write_text(
        "import os, signal\n"
        "from mllint import Context, Rule, on_unit\n\n\n"
        "class Killer(Rule):\n"
        '    """Kills the process that looks at a certain file."""\n\n'
        '    name = "killer"\n    category = "correctness"\n\n'
        "    @on_unit\n    def check(self, ctx: Context) -> None:\n"
        "        if 'poison' in ctx.unit.text:\n            os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    code = tmp_path / "code"
    code.mkdir()
    for number in range(60):
        (code / f"job{number:02}.py").write_text(SPLIT)
    (code / "job30.py").write_text("poison = 1\n")
    result = check(tmp_path, code, jobs=2, python_rules=(rules,))
    assert result.summary.files == 60
    assert [place for place in places(result) if "too-complex" in place] == ["code/job30.py:1 too-complex"]
    assert sum("unseeded-split" in place for place in places(result)) == 59
    assert result.exit_code == 1


def test_a_rule_that_raises_is_reported_by_name_and_costs_nothing_else(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "broken.py").write_text(
        "from mllint import CallSite, Context, Rule, on_call\n\n\n"
        "class Broken(Rule):\n"
        '    """Raises."""\n\n'
        '    name = "broken"\n    category = "correctness"\n\n'
        "    @on_call()\n    def check(self, call: CallSite, ctx: Context) -> None:\n"
        "        raise ValueError('on\\npurpose')\n"
    )
    (tmp_path / "train.py").write_text(SPLIT)
    result = check(tmp_path, tmp_path / "train.py", python_rules=(rules,))
    assert places(result) == ["train.py:3 rule-failure", "train.py:3 unseeded-split"]
    assert result.diagnostics[0].message == "Rule `broken` failed: ValueError: on purpose (broken.py:12)"
    assert result.exit_code == 2


def test_rules_about_projects_run_once(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "lockless.py").write_text(
        "from mllint import ProjectContext, Rule, on_project\n\n\n"
        "class Lockless(Rule):\n"
        '    """There is no lock file."""\n\n'
        '    name = "lockless"\n    category = "project"\n\n'
        "    @on_project\n    def check(self, ctx: ProjectContext) -> None:\n"
        "        if 'uv.lock' not in ctx.project.files:\n"
        "            ctx.report('pyproject.toml', 1, 'Versions are not locked', help='Run `uv lock`')\n"
    )
    (tmp_path / "pyproject.toml").write_text("[tool.mllint]\nselect = ['lockless']\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("y = 1\n")
    result = check(tmp_path, python_rules=(rules,))
    assert places(result) == ["pyproject.toml:1 lockless"]
    assert result.summary.files == 3


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("ignore = ['fit-on-tst']", 'pyproject.toml:2: unknown rule, category or tier "fit-on-tst" in ignore; did you'),
        ("[tool.mllint.rules.no-rule]\na = 1", 'unknown rule, category or tier "no-rule" in rules'),
        ("[tool.mllint.rules.unseeded-split]\na = 1", "options of rule 'unseeded-split'"),
        ("[tool.mllint.roles]\n'a.b' = 'load-data'", 'unknown role "load-data" of a.b; did you mean "loads-data"?'),
    ],
)
def test_settings_that_name_what_does_not_exist(
    tmp_path: Path, table: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f"[tool.mllint]\n{table}\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(ConfigError) as caught:
        check(tmp_path)
    assert message in str(caught.value)


def test_a_user_role_is_understood_by_every_rule(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.mllint]\nselect = ['fit-on-test']\n[tool.mllint.roles]\n'mine.cut' = 'splits'\n"
    )
    (tmp_path / "job.py").write_text(
        "from mine import cut\nfrom sklearn.decomposition import PCA\nold, new = cut(rows)\nPCA().fit(new)\n"
    )
    assert places(check(tmp_path)) == ["job.py:4 fit-on-test"]
