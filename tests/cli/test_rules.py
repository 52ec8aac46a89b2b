"""``mllint rule`` and ``mllint rules``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cli_outcome import Run


def test_page_of_a_rule(mllint: Run) -> None:
    outcome = mllint("rule", "unseeded-split")
    assert outcome.code == 0
    assert outcome.out.startswith("# unseeded-split\n\n**Category:** reproducibility")
    assert "\n## Why is this bad\n" in outcome.out
    assert mllint("rule", "unseeded-split", "--output-format", "markdown").out == outcome.out


def test_page_on_a_terminal(mllint: Run) -> None:
    outcome = mllint("rule", "unseeded-split", "--color", "always")
    assert outcome.out.startswith("\x1b[1;96munseeded-split\x1b[0m\n")
    assert "## " not in outcome.out
    assert all(line == line.rstrip() for line in outcome.out.splitlines())


def test_rule_as_json(mllint: Run) -> None:
    record = json.loads(mllint("rule", "unseeded-split", "--output-format", "json").out)
    assert record["name"] == "unseeded-split"
    assert {"page", "fixes", "libraries", "options_schema", "aliases"} <= record.keys()


def test_all_rules(mllint: Run) -> None:
    records = json.loads(mllint("rule", "--all", "--output-format", "json").out)
    pages = mllint("rule", "--all").out
    assert len(records) > 1
    assert all(f"# {record['name']}\n" in pages for record in records)


def test_unknown_rule(mllint: Run) -> None:
    outcome = mllint("rule", "unseeded-splt")
    assert outcome == (2, "", 'error: there is no rule "unseeded-splt"; did you mean "unseeded-split"?\n')


def test_no_rule(mllint: Run) -> None:
    assert mllint("rule").code == 2


def test_list(mllint: Run) -> None:
    lines = mllint("rules").out.splitlines()
    assert lines[0] == "reproducibility"
    (line,) = (line for line in lines if line.startswith("  unseeded-split "))
    assert "recommended" in line
    assert "safe" in line
    assert lines[-1].endswith(" rules; `mllint rule NAME` explains one.")


def test_list_as_json_is_that_of_the_rules(mllint: Run) -> None:
    listed = json.loads(mllint("rules", "--output-format", "json").out)
    assert listed == json.loads(mllint("rule", "--all", "--output-format", "json").out)


@pytest.mark.parametrize(
    ("arguments", "matches"),
    [
        (("--category", "leakage,data"), lambda rule: rule["category"] in ("leakage", "data")),
        (("--tier", "recommended"), lambda rule: rule["tier"] == "recommended"),
        (("--pack", "builtin"), lambda rule: rule["pack"] == "builtin"),
        (("--fixable",), lambda rule: {"safe", "unsafe"} & set(rule["fixes"])),
    ],
)
def test_filters(mllint: Run, arguments: tuple[str, ...], matches: Callable[[Any], bool]) -> None:
    every = json.loads(mllint("rules", "--output-format", "json").out)
    shown = json.loads(mllint("rules", *arguments, "--output-format", "json").out)
    assert shown == [rule for rule in every if matches(rule)]


def test_unknown_filter(mllint: Run) -> None:
    outcome = mllint("rules", "--category", "leekage")
    assert outcome == (2, "", 'error: there is no category "leekage"; did you mean "leakage"?\n')
