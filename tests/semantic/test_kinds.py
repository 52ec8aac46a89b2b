"""Kinds of values of real libraries: what is sure to be a table, a column, an array, and what is not."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from mllint.rule.registry import load_registry
from mllint.semantic.knowledge import Knowledge
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit

HEAD = """
import numpy as np
import pandas as pd
import torch
from openai import OpenAI

df = pd.read_csv("sales.csv")
column = df["price"]
mask = df["price"] > 1
names = ["price", "units"]
client = OpenAI()
"""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_registry().knowledge()


def kind_of(expression: str, knowledge: Knowledge) -> str | None:
    unit = read_unit(Path("kinds.py"), "kinds.py", f"{HEAD}value = {expression}\n".encode())
    parse_unit(unit)
    model = SemanticModel(unit, knowledge)
    return model.kind(list(model.nodes(cst.Assign))[-1].value)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ('df["price"]', "pandas.Series"),
        ("df[names]", "pandas.DataFrame"),
        ('df[["price", "units"]]', "pandas.DataFrame"),
        ("df[mask]", "pandas.DataFrame"),
        ("df[mask & (column < 3)]", "pandas.DataFrame"),
        ("df[~mask]", "pandas.DataFrame"),
        ("df[df.units > 1]", "pandas.DataFrame"),
        ("df[:10]", "pandas.DataFrame"),
        ("df.iloc[:10]", "pandas.DataFrame"),
        ("column[mask]", "pandas.Series"),
        ("column > 1", "pandas.Series"),
        ("np.zeros(3)[:2]", "numpy.ndarray"),
    ],
)
def test_several_rows_or_columns_keep_their_kind(expression: str, kind: str, knowledge: Knowledge) -> None:
    assert kind_of(expression, knowledge) == kind


@pytest.mark.parametrize(
    "expression",
    [
        "column[0]",
        "column[first]",
        "column.iloc[0]",
        "column.max()",
        "column.isna().mean()",
        "df[unknown]",
        "df.iloc[0]",
        'df.loc[0, "price"]',
    ],
)
def test_one_row_or_an_unknown_choice_is_of_no_known_kind(expression: str, knowledge: Knowledge) -> None:
    assert kind_of(expression, knowledge) is None


def test_methods_of_what_attributes_hold_are_named_after_its_class(knowledge: Knowledge) -> None:
    code = f'{HEAD}client.chat.completions.create(model="a", messages=[])\n'
    unit = read_unit(Path("kinds.py"), "kinds.py", code.encode())
    parse_unit(unit)
    call = SemanticModel(unit, knowledge).calls[-1]
    assert (call.name, call.roles) == ("openai.Completions.create", ("calls-llm",))
