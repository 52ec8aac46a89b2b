"""Runs the case files of the built-in rules, one test for each case.

``pytest tests/rules/test_cases.py -k my-rule`` runs those of one rule; with ``MLLINT_UPDATE_CASES=1`` in the environment the
blocks with fixed text are rewritten first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mllint.testing import Case, CaseError, check_case, read_case_file, update_case_file
from mllint.testing.pytest_plugin import UPDATE

CASES = Path(__file__).parents[2] / "fixtures" / "rules"
FILES = sorted(CASES.glob("*/*.md"))


def _cases() -> Iterator[object]:
    for path in FILES:
        if os.environ.get(UPDATE):
            update_case_file(path)
        try:
            cases = read_case_file(path).cases
        except CaseError:
            continue  # the test of the file says so
        for case in cases:
            yield pytest.param(case, id=f"{case.rule}: {case.title}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_can_be_read(path: Path) -> None:
    assert read_case_file(path).cases


@pytest.mark.parametrize("case", list(_cases()))
def test_case(case: Case) -> None:
    failures = check_case(case)
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)
