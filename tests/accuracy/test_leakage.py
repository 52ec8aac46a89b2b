"""The leakage rules are as good on the labelled programs as they were: no figure falls."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pytest
from leakage import measure
from programs import KINDS, read_programs

#: What was measured last, written by ``python tests/accuracy/leakage.py --json tests/accuracy/figures.json``.
KNOWN = json.loads((Path(__file__).parent / "figures.json").read_text(encoding="utf-8"))
PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"


@lru_cache(maxsize=1)
def measured() -> dict[str, dict[str, int]]:
    return measure(read_programs())


def test_there_are_as_many_programs_as_ever() -> None:
    programs = read_programs()
    leaking = sum(bool(program.labels) for program in programs)
    assert len(programs) >= 326
    assert leaking >= 163
    assert len(programs) - leaking >= 163


@pytest.mark.parametrize("kind", KINDS)
def test_recall_does_not_fall(kind: str) -> None:
    assert measured()[kind]["labels"] >= KNOWN[kind]["labels"]
    assert measured()[kind]["found"] >= KNOWN[kind]["found"]


@pytest.mark.parametrize("name", KNOWN)
def test_precision_does_not_fall(name: str) -> None:
    now, known = measured()[name], KNOWN[name]
    assert now["reported"] - now["right"] <= known["reported"] - known["right"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_what_is_measured(kind: str) -> None:
    row = KNOWN[kind]
    recall, precision = row["found"] / row["labels"], row["right"] / row["reported"]
    shown = f"{row['found']}/{row['labels']} ({_decimal(recall)}) | {row['right']}/{row['reported']} ({_decimal(precision)})"
    assert shown in PAGE.read_text(encoding="utf-8")


def _decimal(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")
