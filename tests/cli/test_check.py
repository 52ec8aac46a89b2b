"""``mllint check`` on real files: reports, fixes, selection, outputs, errors and exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_outcome import LEAKY, Run

FIXED = LEAKY.replace("train_test_split(table)", "train_test_split(table, random_state=42)")
ONLY = ("--select", "unseeded-split")


def test_findings_go_to_stdout_with_exit_code_1(mllint: Run, script: Path) -> None:
    outcome = mllint("check", *ONLY)
    assert outcome.code == 1
    assert outcome.err == ""
    assert outcome.out.startswith("unseeded-split [*] ")
    assert " --> train.py:5:" in outcome.out
    assert "+ train, test = train_test_split(table, random_state=42)" in outcome.out
    assert outcome.out.endswith("Found 1 error.\n[*] 1 fixable with the `--fix` option.\n")


def test_clean_file(mllint: Run, project: Path) -> None:
    (project / "clean.py").write_text("x = 1\n")
    assert mllint("check") == (0, "All checks passed!\n", "")


def test_no_files(mllint: Run) -> None:
    assert mllint("check") == (0, "No Python files or notebooks found.\n", "")


def test_concise(mllint: Run, script: Path) -> None:
    outcome = mllint("check", *ONLY, "--output-format", "concise", "--quiet")
    assert outcome.out.startswith("train.py:5:")
    assert outcome.out.count("\n") == 1


def test_notebook_places_and_cells_that_are_not_python(mllint: Run, notebook: Path) -> None:
    outcome = mllint("check", *ONLY, "--output-format", "concise")
    assert outcome.out.startswith("churn.ipynb:cell 3:5:")
    assert "1 of 2 cells not analysed: 1 %%bash (churn.ipynb:cell 2)\n" in outcome.out


def test_fix(mllint: Run, script: Path) -> None:
    outcome = mllint("check", *ONLY, "--fix", "--show-fixes")
    assert outcome == (
        0,
        "Fixed 1 error:\n- train.py:\n    1 x unseeded-split\n\nFound 1 error (1 fixed, 0 remaining).\n",
        "",
    )
    assert script.read_text() == FIXED
    assert mllint("check", *ONLY).code == 0


def test_diff_writes_nothing(mllint: Run, script: Path, notebook: Path) -> None:
    before = notebook.read_bytes()
    outcome = mllint("check", *ONLY, "--diff")
    assert outcome.code == 1
    assert "--- train.py\n+++ train.py\n" in outcome.out
    assert "+++ churn.ipynb:cell 3\n" in outcome.out
    assert outcome.err.startswith("Would fix 2 errors.\n")
    assert (script.read_text(), notebook.read_bytes()) == (LEAKY, before)


def test_diff_without_changes(mllint: Run, script: Path) -> None:
    outcome = mllint("check", "--select", "absolute-path", "--diff")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "No errors would be fixed.\n")


def test_unfixable_rule_is_not_fixed(mllint: Run, script: Path) -> None:
    assert mllint("check", *ONLY, "--fix", "--unfixable", "unseeded-split").code == 1
    assert script.read_text() == LEAKY


def test_ignore_and_per_file_ignores(mllint: Run, script: Path) -> None:
    assert mllint("check", "--select", "unseeded-split,absolute-path", "--ignore", "unseeded-split").code == 0
    assert mllint("check", *ONLY, "--per-file-ignores", "train.py:unseeded-split").code == 0
    assert mllint("check", *ONLY, "--per-file-ignores", "other.py:unseeded-split").code == 1


def test_suppression_can_be_ignored(mllint: Run, script: Path) -> None:
    script.write_text(LEAKY.replace("(table)", "(table)  # mllint: ignore[unseeded-split] drawn anew on purpose"))
    assert mllint("check", *ONLY).code == 0
    assert mllint("check", *ONLY, "--ignore-suppressions").code == 1


def test_json_to_stdout_is_only_json(mllint: Run, script: Path, notebook: Path) -> None:
    outcome = mllint("check", *ONLY, "--output-format", "json")
    document = json.loads(outcome.out)
    assert [found["filename"] for found in document["diagnostics"]] == ["churn.ipynb", "train.py"]
    assert document["summary"]["files"] == 2
    assert outcome.err == "1 of 2 cells not analysed: 1 %%bash (churn.ipynb:cell 2)\n"


def test_several_outputs(mllint: Run, script: Path, project: Path) -> None:
    outcome = mllint("check", *ONLY, "-o", "json:report.json", "-o", "jsonl:report.jsonl", "-o", "concise:-")
    assert outcome.code == 1
    assert outcome.out.startswith("train.py:5:")
    (found,) = json.loads((project / "report.json").read_text())["diagnostics"]
    assert json.loads((project / "report.jsonl").read_text()) == found


def test_output_to_a_file_leaves_the_summary_on_the_screen(mllint: Run, script: Path, project: Path) -> None:
    outcome = mllint("check", *ONLY, "-o", "report.txt")
    assert outcome.out == "Found 1 error.\n[*] 1 fixable with the `--fix` option.\n"
    assert (project / "report.txt").read_text().startswith("unseeded-split [*] ")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("sarf:out.sarif", 'there is no output format "sarf"'),
        ("json:", '"json:" names no file'),
        ("json:missing/out.json", "cannot write missing/out.json: missing is not a directory"),
    ],
)
def test_impossible_output(mllint: Run, script: Path, output: str, message: str) -> None:
    outcome = mllint("check", "-o", output)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err.splitlines()[0]


def test_statistics(mllint: Run, script: Path) -> None:
    assert mllint("check", *ONLY, "--statistics").out.splitlines()[0] == "1\t[*] unseeded-split"
    (record,) = json.loads(mllint("check", *ONLY, "--statistics", "--output-format", "json").out)
    assert (record["rule"], record["count"]) == ("unseeded-split", 1)
    assert mllint("check", *ONLY, "--statistics", "--output-format", "jsonl").code == 2


def test_standard_input(mllint: Run, project: Path) -> None:
    outcome = mllint("check", *ONLY, "--output-format", "concise", "--stdin-filename", "src/a.py", "-", stdin=LEAKY)
    assert outcome.code == 1
    assert outcome.out.startswith("src/a.py:5:")
    assert mllint("check", *ONLY, "-", stdin=LEAKY).code == 1


def test_standard_input_as_a_notebook(mllint: Run, notebook: Path) -> None:
    outcome = mllint(
        "check", *ONLY, "--output-format", "concise", "--stdin-filename", "new.ipynb", "-", stdin=notebook.read_text()
    )
    assert outcome.out.startswith("new.ipynb:cell 3:5:")


def test_fixed_standard_input_goes_to_standard_output(mllint: Run, project: Path) -> None:
    outcome = mllint("check", *ONLY, "--fix", "--stdin-filename", "src/a.py", "-", stdin=LEAKY)
    assert "random_state=42" in outcome.out
    assert outcome.out.count("\n") == LEAKY.count("\n")
    assert "Found 1 error (1 fixed, 0 remaining)." in outcome.err
    again = mllint("check", *ONLY, "--fix", "--stdin-filename", "src/a.py", "-", stdin=outcome.out)
    assert (again.out, again.code) == (outcome.out, 0)


@pytest.mark.parametrize(
    "arguments",
    [("-", "train.py"), ("--stdin-filename", "a.py", "train.py"), ("--per-file-ignores", "train.py")],
)
def test_arguments_that_do_not_go_together(mllint: Run, script: Path, arguments: tuple[str, ...]) -> None:
    outcome = mllint("check", *arguments, stdin="")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")


def test_exit_zero(mllint: Run, script: Path) -> None:
    assert mllint("check", *ONLY, "--exit-zero").code == 0


def test_missing_path_is_said_and_the_rest_checked(mllint: Run, script: Path) -> None:
    outcome = mllint("check", *ONLY, "missing.py", "train.py", "--output-format", "concise")
    assert outcome.code == 2
    assert "missing.py:1:1: unreadable-file" in outcome.out
    assert "train.py:5:" in outcome.out
    assert mllint("check", "missing.py", "--exit-zero").code == 2


def test_file_that_does_not_parse(mllint: Run, project: Path, script: Path) -> None:
    (project / "broken.py").write_text("def (:\n")
    outcome = mllint("check", *ONLY, "--output-format", "concise")
    assert outcome.code == 1
    assert "broken.py:1:" in outcome.out
    assert "1 file not analysed:\n  broken.py: invalid syntax\n" in outcome.out


def test_configuration_errors_name_file_and_row(mllint: Run, project: Path, script: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.mllint]\nselct = ["data"]\nseed = "x"\n')
    outcome = mllint("check")
    assert (outcome.code, outcome.out) == (2, "")
    first, second = outcome.err.splitlines()
    assert first == 'pyproject.toml:5: unknown key "selct"; did you mean "select"?'
    assert second.startswith("pyproject.toml:6: ")


def test_unknown_selector(mllint: Run, project: Path, script: Path) -> None:
    outcome = mllint("check", "--select", "unseeded-splt")
    assert (outcome.code, outcome.out) == (2, "")
    assert 'did you mean "unseeded-split"?' in outcome.err
    (project / "mllint.toml").write_text('select = [\n  "data",\n  "unseeded-splt",\n]\n')
    assert mllint("check").err.startswith("mllint.toml:3: ")


def test_configuration_on_the_command_line(mllint: Run, project: Path, script: Path) -> None:
    (project / "mllint.toml").write_text('output-format = "concise"\nselect = ["unseeded-split"]\n')
    assert mllint("check").out.startswith("train.py:5:")
    assert mllint("check", "--config", "seed = 7", "--diff").out.splitlines()[-1].endswith("random_state=7)")
    assert mllint("check", "--isolated", *ONLY).out.startswith("unseeded-split ")
    outcome = mllint("check", "--config", "nothing.toml")
    assert outcome.code == 2
    assert "nothing.toml" in outcome.err


def test_environment_twins(mllint: Run, script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLLINT_OUTPUT_FORMAT", "concise")
    monkeypatch.setenv("MLLINT_SELECT", "unseeded-split,absolute-path")
    monkeypatch.setenv("MLLINT_EXIT_ZERO", "1")
    outcome = mllint("check")
    assert (outcome.code, outcome.out[:11]) == (0, "train.py:5:")


@pytest.mark.parametrize(
    ("variables", "arguments", "colored"),
    [
        ({}, (), False),
        ({}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"CLICOLOR_FORCE": "1"}, (), True),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"CLICOLOR_FORCE": "0"}, (), False),
    ],
)
def test_colour(
    mllint: Run,
    script: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    arguments: tuple[str, ...],
    colored: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in mllint("check", *ONLY, *arguments).out) is colored


def test_files_never_get_colour(mllint: Run, script: Path, project: Path) -> None:
    mllint("check", *ONLY, "--color", "always", "-o", "report.txt")
    assert "\x1b[" not in (project / "report.txt").read_text()


def test_show_files(mllint: Run, script: Path, notebook: Path, project: Path) -> None:
    (project / "notes.txt").write_text("")
    outcome = mllint("check", "--show-files", "--exclude", "nothing")
    assert outcome == (0, f"{notebook}\n{script}\n", "")
    assert mllint("check", "--show-files", "--extend-exclude", "*.ipynb").out == f"{script}\n"


def test_show_settings(mllint: Run, script: Path, project: Path) -> None:
    (project / "mllint.toml").write_text('select = ["data"]\n[per-file-ignores]\n"a.py" = ["ALL"]\n')
    outcome = mllint("check", "--show-settings", "train.py")
    assert outcome.code == 0
    assert outcome.out.startswith(f"# Settings for train.py\n# Configuration file: {project}/mllint.toml\n")
    assert '\nselect = ["data"]\n' in outcome.out
    assert '\nper-file-ignores = { "a.py" = ["ALL"] }\n' in outcome.out


def test_timing_and_verbose(mllint: Run, script: Path) -> None:
    outcome = mllint("check", *ONLY, "--timing", "--no-cache")
    assert re.search(r"^CPU time by phase:\n  project .*\n  read .*\n  parse ", outcome.err)
    assert re.search(r"^Slowest of \d+ rules:\n  [a-z-]+ +\d+\.\d{3} s +\d+\.\d%$", outcome.err, re.MULTILINE)
    assert "Checked 1 file (0 cells, " in outcome.err
    assert "Checked 1 file" in mllint("check", *ONLY, "--verbose").err


def test_jobs_give_the_same_report(mllint: Run, script: Path, notebook: Path) -> None:
    one = mllint("check", *ONLY, "--jobs", "1", "--no-cache", "--output-format", "jsonl")
    two = mllint("check", *ONLY, "--jobs", "2", "--no-cache", "--output-format", "jsonl")
    assert one.out == two.out
    assert one.out.count("\n") == 2


def test_in_a_process_of_its_own(script: Path) -> None:
    command = [sys.executable, "-m", "mllint", "check", *ONLY, "--output-format", "concise"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert finished.stdout.startswith("train.py:5:")
    assert finished.stderr == ""


@pytest.mark.parametrize(
    ("name", "encoding", "shown"), [("concise", "latin-1", "größe_\\u65e5.py"), ("json", "utf-8", '"größe_日.py"')]
)
def test_output_that_the_terminal_cannot_encode(
    script: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str, shown: str
) -> None:
    script.rename("größe_日.py")
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    command = [sys.executable, "-m", "mllint", "check", *ONLY, "--output-format", name]
    finished = subprocess.run(command, capture_output=True, check=False)
    assert (finished.returncode, finished.stderr) == (1, b"")
    assert shown in finished.stdout.decode(encoding)
