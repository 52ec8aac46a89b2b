"""The full report, compared with what it should look like."""

from __future__ import annotations

import re
from textwrap import dedent

from report_samples import diagnostic, edit, step

from mllint.diagnostics.diagnostic import Excerpt, LocatedDiagnostic, LocatedFix
from mllint.engine.result import RunResult
from mllint.report.formats import ReportOptions
from mllint.report.full import render

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def shown(*diagnostics: LocatedDiagnostic, **options: object) -> str:
    return "".join(render(RunResult(list(diagnostics)), ReportOptions(**options)))  # type: ignore[arg-type]


def text(expected: str) -> str:
    return dedent(expected).lstrip("\n")


def test_code_and_safe_fix(unseeded: LocatedDiagnostic) -> None:
    assert shown(unseeded) == text(
        """
        unseeded-split [*] `train_test_split` without `random_state` gives another split each run
          --> train.py:40:36
           |
        39 | # Keep a fifth of the customers for the test.
        40 | X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)
           |                                    ^^^^^^^^^^^^^^^^
        41 | model = LogisticRegression()
        42 | model.fit(X_train, y_train)
           |
        fix: Add `random_state=42`
           |
        39 |   # Keep a fifth of the customers for the test.
           | - X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)
        40 | + X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
        41 |   model = LogisticRegression()
           |

        """
    )


def test_trace_and_fix_over_cells(leak: LocatedDiagnostic) -> None:
    assert shown(leak) == text(
        """
        fit-before-split `StandardScaler` is fitted on all rows before they are split, so the test score is too good
         --> notebooks/churn.ipynb:cell 4:2:12 (medium confidence)
          |
        1 | scaler = StandardScaler()
        2 | features = scaler.fit_transform(table)
          |            ^^^^^^^^^^^^^^^^^^^^^^^^
        3 | features[:5]
          |
        trace:
         ::: notebooks/churn.ipynb:cell 2:3:9
        3 | table = pd.read_csv("churn.csv")
          |         ------------------------ 1. all rows are loaded here
         ::: notebooks/churn.ipynb:cell 4:2:12
        2 | features = scaler.fit_transform(table)
          |            --------------------------- 2. fitted on all of them
         ::: notebooks/churn.ipynb:cell 6:1:15
        1 | train, test = train_test_split(features)
          |               -------------------------- 3. split only now
          |
        help: Fit on the training part and transform the test part with what was learnt there.
        unsafe fix: Fit on the training part only
          |
        1 |   scaler = StandardScaler()
          | - features = scaler.fit_transform(table)
        2 | + features = table
        3 |   features[:5]
         ::: notebooks/churn.ipynb:cell 6
        1 |   train, test = train_test_split(features)
        2 | + train = scaler.fit_transform(train)
        3 | + test = scaler.transform(test)
        4 |   model.fit(train)
          |

        """
    )


def test_unsafe_fix_is_marked_when_it_would_be_applied(leak: LocatedDiagnostic) -> None:
    assert "[*]" not in shown(leak)
    assert shown(leak, unsafe_fixes=True).startswith("fit-before-split [*] ")


def test_range_of_several_rows_and_display_only_fix(unpinned: LocatedDiagnostic) -> None:
    assert shown(unpinned) == text(
        """
        unpinned-dataset `load_dataset` without `revision` reads whatever is published at the time
          --> data.py:9:12 (low confidence)
           |
         8 |   def load():
         9 |       return load_dataset(
           |  ____________^
        10 | |         "imdb",
        11 | |         split=split,
        12 | |     )
           | |_____^
           |
        display-only fix: Pin the revision (needs a value you must choose)
           |
        10 |           "imdb",
        11 |           split=split,
        12 | +         revision="<commit>",
        13 |       )
           |

        """
    )


def test_whole_rows_are_joined_by_a_line_and_long_ones_shortened() -> None:
    lines = [f"row_{number}()" for number in range(1, 13)]
    found = diagnostic(at=(1, 1, 12, 9), excerpt=lines)
    assert shown(found).splitlines()[2:] == [
        "   |",
        " 1 | / row_1()",
        " 2 | | row_2()",
        " 3 | | row_3()",
        " 4 | | row_4()",
        ".. | |",
        "11 | | row_11()",
        "12 | | row_12()",
        "   | |________^",
        "   |",
        "",
    ]


def test_range_beyond_the_excerpt_is_left_open() -> None:
    found = diagnostic(at=(1, 1, 40, 3), excerpt=["def train():", "    step()"])
    lines = shown(found).splitlines()
    assert lines[3:] == ["1 | / def train():", "2 | |     step()", ". | |", "  |", ""]


def test_range_that_ends_before_a_row_ends_with_the_row_above() -> None:
    found = diagnostic(at=(1, 1, 2, 1), excerpt=["import os", "import sys"])
    assert shown(found).splitlines()[3:5] == ["1 | import os", "  | ^^^^^^^^^"]


def test_tabs_and_wide_characters_keep_marks_in_place() -> None:
    found = diagnostic(at=(1, 12, 1, 18), excerpt=['\tx = "日本"; read()', "e\u0301 = 1"])
    source, marks = shown(found).splitlines()[3:5]
    assert source == '1 |     x = "日本"; read()'
    assert marks == "  | " + " " * 16 + "^" * 6


def test_empty_range_at_the_end_of_a_line_is_marked() -> None:
    found = diagnostic(at=(1, 6, 1, 6), excerpt=["print"])
    assert shown(found).splitlines()[4] == "  |      ^"


def test_control_characters_cannot_reach_the_terminal() -> None:
    found = diagnostic(
        at=(1, 1, 1, 2), excerpt=["x\x1b[2J = '\u202e'"], filename="a\nb\x1b.py", message="bad\n\x1b[31mred"
    )
    report = shown(found)
    assert "\x1b" not in report
    assert "\u202e" not in report
    assert report.splitlines()[0] == "unseeded-split bad ␛[31mred"
    assert report.splitlines()[1] == " --> a␊b␛.py:1:1"


def test_long_lines_are_clipped_around_the_range() -> None:
    line = "x = [" + "1, " * 100 + "read(), " + "2, " * 100 + "]"
    column = line.index("read()") + 1
    source, marks = shown(diagnostic(at=(1, column, 1, column + 6), excerpt=[line]), width=60).splitlines()[4:6]
    assert len(source) <= 60
    assert source.startswith("1 | …")
    assert source.endswith("…")
    assert source[marks.index("^") : marks.rindex("^") + 1] == "read()"


def test_long_lines_of_fixes_are_clipped_around_the_change() -> None:
    line = "call(" + "argument, " * 30 + "last)"
    found = diagnostic(
        at=(1, 1, 1, 5),
        excerpt=[line],
        fix=LocatedFix(
            "safe", "Add it", [edit(", seed=1", (1, len(line), 1, len(line)))], excerpts=[Excerpt(1, [line])]
        ),
    )
    removed, added = shown(found, width=60).splitlines()[-4:-2]
    assert removed.startswith("  | - …")
    assert added.endswith("last, seed=1)")
    assert max(len(removed), len(added)) <= 60


def test_prose_is_wrapped_on_a_terminal_only(leak: LocatedDiagnostic) -> None:
    report = shown(leak, width=60)
    assert max(len(line) for line in report.splitlines()) <= 60
    assert report.splitlines()[:2] == [
        "fit-before-split `StandardScaler` is fitted on all rows",
        "  before they are split, so the test score is too good",
    ]
    assert "  |         1. all rows are loaded here\n" in report


def test_step_without_its_line_is_a_reference() -> None:
    found = diagnostic(trace=[step("loaded here", "", (7, 3, 7, 9), filename="load.py")])
    assert "trace:\n  loaded here  load.py:7:3\n" in shown(found)


def test_steps_on_one_row_share_the_line() -> None:
    line = "train(load())"
    found = diagnostic(
        trace=[step("loaded", line, (3, 7, 3, 13)), step("used", line, (3, 1, 3, 14))],
    )
    assert shown(found).splitlines()[-5:] == [
        "3 | train(load())",
        "  |       ------ 1. loaded",
        "  | ------------- 2. used",
        "  |",
        "",
    ]


def test_fix_that_removes_the_last_line() -> None:
    found = diagnostic(
        fix=LocatedFix("safe", "Remove it", [edit("", (2, 1, 3, 1))], excerpts=[Excerpt(1, ["import a", "import b"])])
    )
    assert "1 |   import a\n  | - import b\n" in shown(found)


def test_file_without_text() -> None:
    found = diagnostic(rule="unreadable-file", message="Permission denied", severity="error")
    assert shown(found) == "unreadable-file Permission denied\n --> train.py:1:1\n\n"


def test_colour_changes_nothing_but_colour(
    unseeded: LocatedDiagnostic, leak: LocatedDiagnostic, unpinned: LocatedDiagnostic
) -> None:
    for found in (unseeded, leak, unpinned):
        colored = shown(found, color=True, width=80)
        assert ANSI.sub("", colored) == shown(found, width=80)
        assert colored != shown(found, width=80)


def test_colours_of_severity_and_change(leak: LocatedDiagnostic) -> None:
    report = shown(leak, color=True)
    assert report.startswith("\x1b[1;91mfit-before-split\x1b[0m ")
    assert "\x1b[31m- features = scaler.fit_transform(table)\x1b[0m" in report
    assert "\x1b[32m+ features = table\x1b[0m" in report
