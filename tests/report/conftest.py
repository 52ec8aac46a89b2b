"""Hand-made results that look like those of real runs."""

from __future__ import annotations

import pytest
from report_samples import diagnostic, edit, step

from mllint.diagnostics.diagnostic import Excerpt, LocatedDiagnostic, LocatedFix, Location
from mllint.engine.result import AppliedFix, FileDiff, RunResult, Skipped, Summary

SPLIT = [
    "",
    "# Keep a fifth of the customers for the test.",
    "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)",
    "model = LogisticRegression()",
    "model.fit(X_train, y_train)",
]


@pytest.fixture
def unseeded() -> LocatedDiagnostic:
    """A finding in a script with a safe fix."""
    return diagnostic(
        at=(40, 36, 40, 52),
        excerpt=SPLIT,
        excerpt_row=38,
        fix=LocatedFix(
            "safe",
            "Add `random_state=42`",
            [edit(", random_state=42", (40, 72, 40, 72))],
            excerpts=[Excerpt(39, SPLIT[1:4])],
        ),
    )


@pytest.fixture
def leak() -> LocatedDiagnostic:
    """A finding in a notebook with a trace over cells and an unsafe fix in two cells."""
    return diagnostic(
        rule="fit-before-split",
        category="leakage",
        message="`StandardScaler` is fitted on all rows before they are split, so the test score is too good",
        help="Fit on the training part and transform the test part with what was learnt there.",
        url="https://example.org/rules/fit-before-split",
        severity="error",
        confidence="medium",
        filename="notebooks/churn.ipynb",
        cell=4,
        cell_id="c0ffee",
        json_location=Location(87, 9),
        at=(2, 12, 2, 36),
        excerpt=["scaler = StandardScaler()", "features = scaler.fit_transform(table)", "features[:5]"],
        excerpt_row=1,
        trace=[
            step(
                "all rows are loaded here",
                'table = pd.read_csv("churn.csv")',
                (3, 9, 3, 33),
                2,
                filename="notebooks/churn.ipynb",
            ),
            step(
                "fitted on all of them",
                "features = scaler.fit_transform(table)",
                (2, 12, 2, 39),
                4,
                filename="notebooks/churn.ipynb",
            ),
            step(
                "split only now",
                "train, test = train_test_split(features)",
                (1, 15, 1, 41),
                6,
                filename="notebooks/churn.ipynb",
            ),
        ],
        fix=LocatedFix(
            "unsafe",
            "Fit on the training part only",
            [
                edit("features = table", (2, 1, 2, 39), 4),
                edit("\ntrain = scaler.fit_transform(train)\ntest = scaler.transform(test)", (1, 41, 1, 41), 6),
            ],
            excerpts=[
                Excerpt(1, ["scaler = StandardScaler()", "features = scaler.fit_transform(table)", "features[:5]"], 4),
                Excerpt(1, ["train, test = train_test_split(features)", "model.fit(train)"], 6),
            ],
        ),
    )


@pytest.fixture
def unpinned() -> LocatedDiagnostic:
    """A finding over several rows with a display-only fix."""
    lines = [
        "def load():",
        "    return load_dataset(",
        '        "imdb",',
        "        split=split,",
        "    )",
        "",
    ]
    return diagnostic(
        rule="unpinned-dataset",
        category="data",
        message="`load_dataset` without `revision` reads whatever is published at the time",
        severity="info",
        confidence="low",
        filename="data.py",
        at=(9, 12, 12, 6),
        excerpt=lines,
        excerpt_row=8,
        fix=LocatedFix(
            "display-only",
            "Pin the revision",
            [edit('\n        revision="<commit>",', (11, 21, 11, 21))],
            excerpts=[Excerpt(10, lines[2:5])],
        ),
    )


@pytest.fixture
def result(unseeded: LocatedDiagnostic, leak: LocatedDiagnostic, unpinned: LocatedDiagnostic) -> RunResult:
    """Three findings in three files, with cells and files that were not analysed."""
    return RunResult(
        diagnostics=[unpinned, leak, unseeded],
        summary=Summary(
            files=4,
            cells=9,
            lines=321,
            skipped=[
                Skipped("notebooks/churn.ipynb", "%%bash", 3),
                Skipped("notebooks/churn.ipynb", "%%bash", 8),
                Skipped("notebooks/churn.ipynb", "syntax error", 9),
                Skipped("old.py", "not UTF-8"),
            ],
            seconds=0.25,
        ),
        exit_code=1,
    )


@pytest.fixture
def fixed(unpinned: LocatedDiagnostic) -> RunResult:
    """A run that fixed three findings and left one."""
    return RunResult(
        diagnostics=[unpinned],
        summary=Summary(files=3, lines=100),
        applied=[
            AppliedFix("train.py", "unseeded-split", 1),
            AppliedFix("data.py", "unseeded-split", 2),
        ],
        diffs=[
            FileDiff(
                "data.py",
                "--- data.py\n+++ data.py\n@@ -1,2 +1,2 @@\n import x\n-split(a)\n+split(a, random_state=42)\n",
            ),
            FileDiff("a.ipynb", "--- a.ipynb:cell 2\n+++ a.ipynb:cell 2\n@@ -1 +1 @@\n-split(a)\n+split(b)\n", 2),
            FileDiff("a.ipynb", "--- a.ipynb:cell 4\n+++ a.ipynb:cell 4\n@@ -1 +1 @@\n-x\n+y\n", 4),
        ],
        exit_code=1,
    )
