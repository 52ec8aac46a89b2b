"""Concise, JSON and JSON Lines reports, and what every format has in common."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest
from report_samples import diagnostic

from mllint.diagnostics.diagnostic import LocatedDiagnostic
from mllint.engine.result import RunResult
from mllint.report.formats import FORMATS, ReportOptions, render

#: Keys of a diagnostic, in order; other programs rely on them.
KEYS = [
    *("rule", "category", "message", "help", "url", "severity", "confidence", "tier", "filename", "cell", "cell_id"),
    *("location", "end_location", "json_location", "trace", "fix", "fingerprint"),
]


def report(name: str, result: RunResult, **options: object) -> str:
    return "".join(render(name, result, ReportOptions(**options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reports_every_diagnostic(name: str, result: RunResult) -> None:
    assert callable(import_module(f"mllint.report.{name}").render)
    text = report(name, result)
    assert all(found.rule in text for found in result.diagnostics)
    assert text.endswith("\n")


def test_concise(result: RunResult) -> None:
    assert report("concise", result, quiet=True).splitlines() == [
        "data.py:9:12: unpinned-dataset `load_dataset` without `revision` reads whatever is published at the time",
        "notebooks/churn.ipynb:cell 4:2:12: fit-before-split "
        "`StandardScaler` is fitted on all rows before they are split, so the test score is too good",
        "train.py:40:36: unseeded-split [*] `train_test_split` without `random_state` gives another split each run",
    ]


def test_concise_in_colour(unseeded: LocatedDiagnostic) -> None:
    assert report("concise", RunResult([unseeded]), quiet=True, color=True) == (
        "\x1b[1mtrain.py:40:36\x1b[0m: \x1b[1;93munseeded-split\x1b[0m [\x1b[1;96m*\x1b[0m] "
        "`train_test_split` without `random_state` gives another split each run\n"
    )


def test_concise_stays_on_one_line() -> None:
    text = report("concise", RunResult([diagnostic(message="two\nlines\r\nhere", filename="a\nb.py")]), quiet=True)
    assert text == "a␊b.py:1:1: unseeded-split two lines here\n"


def test_json_document(result: RunResult) -> None:
    document = json.loads(report("json", result))
    assert list(document) == ["version", "diagnostics", "summary"]
    assert document["summary"] == {
        "files": 4,
        "cells": 9,
        "lines": 321,
        "skipped": [
            {"filename": "notebooks/churn.ipynb", "cell": 3, "reason": "%%bash"},
            {"filename": "notebooks/churn.ipynb", "cell": 8, "reason": "%%bash"},
            {"filename": "notebooks/churn.ipynb", "cell": 9, "reason": "syntax error"},
            {"filename": "old.py", "cell": None, "reason": "not UTF-8"},
        ],
        "stopped": [],
        "seconds": 0.25,
    }
    assert [list(found) for found in document["diagnostics"]] == [KEYS] * 3


def test_json_of_a_diagnostic(leak: LocatedDiagnostic) -> None:
    (found,) = json.loads(report("json", RunResult([leak])))["diagnostics"]
    assert found["rule"] == "fit-before-split"
    assert (found["cell"], found["cell_id"]) == (4, "c0ffee")
    assert found["location"] == {"row": 2, "column": 12}
    assert found["json_location"] == {"row": 87, "column": 9}
    assert found["trace"][0] == {
        "message": "all rows are loaded here",
        "filename": "notebooks/churn.ipynb",
        "cell": 2,
        "location": {"row": 3, "column": 9},
        "end_location": {"row": 3, "column": 33},
    }
    assert list(found["fix"]) == ["applicability", "message", "edits"]
    assert found["fix"]["edits"][0] == {
        "content": "features = table",
        "location": {"row": 2, "column": 1},
        "end_location": {"row": 2, "column": 39},
        "cell": 4,
    }


def test_json_without_diagnostics() -> None:
    assert json.loads(report("json", RunResult()))["diagnostics"] == []
    assert report("jsonl", RunResult()) == ""


def test_jsonl_has_the_records_of_json(result: RunResult) -> None:
    lines = report("jsonl", result).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(report("json", result))["diagnostics"]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_keeps_text_and_escapes_lone_surrogates(name: str) -> None:
    text = report(name, RunResult([diagnostic(message="naïve 日本"), diagnostic(message="half \ud83d of é")]))
    assert "naïve 日本" in text
    assert "half \\ud83d of é" in text
    assert text.encode()
    first = text.splitlines()[0] if name == "jsonl" else text
    json.loads(first)


def test_plain_reports_load_no_colours() -> None:
    code = (
        "import sys\n"
        "from mllint.engine.result import RunResult\n"
        "from mllint.report.formats import FORMATS, ReportOptions, render\n"
        "for name in FORMATS:\n"
        "    list(render(name, RunResult(), ReportOptions()))\n"
        "heavy = {'rich.console', 'rich.style', 'rich.text', 'libcst', 'nbformat'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
