"""What stands below the diagnostics, statistics, and diffs."""

from __future__ import annotations

import json

import pytest
from report_samples import diagnostic

from mllint.diagnostics.diagnostic import LocatedDiagnostic, LocatedFix
from mllint.engine.result import RunResult, Skipped, Stopped, Summary
from mllint.report import diff, statistics, summary
from mllint.report.formats import ReportOptions


def lines(result: RunResult, **options: object) -> list[str]:
    return "".join(summary.render(result, ReportOptions(**options))).splitlines()  # type: ignore[arg-type]


def test_findings_and_what_was_not_analysed(result: RunResult) -> None:
    assert lines(result) == [
        "Found 3 errors.",
        "[*] 1 fixable with the `--fix` option (1 hidden fix can be enabled with the `--unsafe-fixes` option).",
        "3 of 12 cells not analysed: 2 %%bash, 1 syntax error (`--verbose` lists them)",
        "1 file not analysed:",
        "  old.py: not UTF-8",
    ]


def test_verbose_names_every_cell(result: RunResult) -> None:
    assert lines(result, verbose=True)[2:6] == [
        "3 of 12 cells not analysed: 2 %%bash, 1 syntax error",
        "  notebooks/churn.ipynb:cell 3: %%bash",
        "  notebooks/churn.ipynb:cell 8: %%bash",
        "  notebooks/churn.ipynb:cell 9: syntax error",
    ]


def test_verbose_names_where_data_was_not_followed() -> None:
    stopped = [Stopped("deep.py"), Stopped("train.py", "fit_all")]
    result = RunResult(summary=Summary(files=2, stopped=stopped))
    assert lines(result) == ["All checks passed!"]
    assert lines(result, verbose=True)[1:] == [
        "Data was not followed to the end in 2 places, where it would take too long:",
        "  deep.py: top level",
        "  train.py: `fit_all`",
    ]


def test_a_single_cell_is_named() -> None:
    result = RunResult(summary=Summary(files=1, cells=1, skipped=[Skipped("a.ipynb", "%%html", 2)]))
    assert lines(result) == ["All checks passed!", "1 of 2 cells not analysed: 1 %%html (a.ipynb:cell 2)"]


def test_many_files_are_counted_by_reason() -> None:
    skipped = [Skipped(f"{number}.py", "invalid syntax" if number else "not UTF-8") for number in range(8)]
    result = RunResult(summary=Summary(files=8, skipped=skipped))
    assert lines(result)[1:] == [
        "8 files not analysed: 7 invalid syntax, 1 not UTF-8",
        "  0.py: not UTF-8",
        *(f"  {number}.py: invalid syntax" for number in range(1, 5)),
        "  and 3 more, listed with `--verbose`",
    ]
    assert len(lines(result, verbose=True)) == 10


def test_unsafe_fixes_that_are_on_are_no_longer_hidden(result: RunResult) -> None:
    assert lines(result, unsafe_fixes=True)[1] == "[*] 2 fixable with the `--fix` option."


def test_only_hidden_fixes(leak: LocatedDiagnostic) -> None:
    assert lines(RunResult([leak], Summary(files=1))) == [
        "Found 1 error.",
        "No fixes available (1 hidden fix can be enabled with the `--unsafe-fixes` option).",
    ]


def test_fixed_and_remaining(fixed: RunResult) -> None:
    assert lines(fixed) == ["Found 4 errors (3 fixed, 1 remaining)."]


def test_show_fixes_lists_files_and_rules(fixed: RunResult) -> None:
    assert lines(fixed, show_fixes=True)[:6] == [
        "Fixed 3 errors:",
        "- data.py:",
        "    2 x unseeded-split",
        "- train.py:",
        "    1 x unseeded-split",
        "",
    ]


def test_clean() -> None:
    assert lines(RunResult(summary=Summary(files=3))) == ["All checks passed!"]
    assert lines(RunResult(summary=Summary(files=3)), color=True) == ["\x1b[1;32mAll checks passed!\x1b[0m"]


def test_nothing_to_check_is_not_called_clean() -> None:
    assert lines(RunResult()) == ["No Python files or notebooks found."]


def test_a_failure_is_not_called_clean() -> None:
    assert lines(RunResult(summary=Summary(files=1), errors=["pack `x` cannot be loaded"], exit_code=2)) == []


def counts(name: str, result: RunResult, **options: object) -> str:
    return "".join(statistics.render(name, result, ReportOptions(quiet=True, **options)))  # type: ignore[arg-type]


@pytest.fixture
def mixed(leak: LocatedDiagnostic, unseeded: LocatedDiagnostic) -> RunResult:
    partly = [diagnostic(rule="absolute-path"), diagnostic(rule="absolute-path", fix=LocatedFix("safe", "", []))]
    return RunResult([leak, *([unseeded] * 10), *partly])


def test_statistics(mixed: RunResult) -> None:
    assert counts("full", mixed).splitlines() == [
        "10\t[*] unseeded-split",
        " 2\t[-] absolute-path",
        " 1\t[ ] fit-before-split",
    ]
    assert counts("concise", mixed, unsafe_fixes=True).splitlines()[2] == " 1\t[*] fit-before-split"


def test_statistics_as_json(mixed: RunResult) -> None:
    records = json.loads(counts("json", mixed))
    assert records[1] == {
        "rule": "absolute-path",
        "category": "reproducibility",
        "count": 2,
        "fixable": False,
        "fixable_count": 1,
    }


def test_statistics_of_a_clean_run() -> None:
    assert counts("full", RunResult()) == ""
    assert json.loads(counts("json", RunResult())) == []


def test_diff_can_be_applied_as_it_is(fixed: RunResult) -> None:
    text = "".join(diff.render(fixed, ReportOptions()))
    assert text == f"{fixed.diffs[0].text}\n{fixed.diffs[1].text}{fixed.diffs[2].text}"
    assert diff.closing(fixed, ReportOptions()) == "Would fix 3 errors.\n"


def test_diff_in_colour(fixed: RunResult) -> None:
    text = "".join(diff.render(fixed, ReportOptions(color=True)))
    assert "\x1b[1m--- data.py\x1b[0m\n" in text
    assert "\x1b[31m-split(a)\x1b[0m\n\x1b[32m+split(a, random_state=42)\x1b[0m\n" in text


def test_diff_says_what_unsafe_fixes_would_add(leak: LocatedDiagnostic) -> None:
    closing = diff.closing(RunResult([leak]), ReportOptions())
    assert closing == "No errors would be fixed (1 additional fix available with `--unsafe-fixes`).\n"
