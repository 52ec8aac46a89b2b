"""What tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LEAKY = """\
import pandas as pd
from sklearn.model_selection import train_test_split

table = pd.read_csv("churn.csv")
train, test = train_test_split(table)
"""


class Outcome(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]
