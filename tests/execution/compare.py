"""Calls the functions of two modules and prints as JSON, by name, whether both return the same.

Usage: ``python compare.py BEFORE AFTER``, in an environment that has what the modules import; mllint is not needed.
"""

from __future__ import annotations

import json
import runpy
import sys
import types
import warnings
from typing import Any


def main() -> None:
    """Compare the two modules given on the command line."""
    warnings.simplefilter("ignore")
    before, after, again = (_functions(path) for path in (sys.argv[1], sys.argv[2], sys.argv[2]))
    print(json.dumps({name: _compare(before[name], after[name], again[name]) for name in before}))


def _functions(path: str) -> dict[str, types.FunctionType]:
    members = runpy.run_path(path, run_name="case").items()
    return {
        name: value for name, value in members if isinstance(value, types.FunctionType) and value.__module__ == "case"
    }


def _compare(before: types.FunctionType, after: types.FunctionType, again: types.FunctionType) -> str:
    if not before.__name__.startswith("draw_"):
        left, right = before(), after()
        return "same" if _equal(left, right) else f"different: {left!r} became {right!r}"
    drawn, possible = after()
    if drawn != again()[0]:
        return "different: a second run draws something else"
    return "possible" if drawn in possible else f"impossible: {drawn!r}"


def _equal(left: Any, right: Any) -> bool:
    """Return whether two values have the same type and content; missing values are equal to each other."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(_equal, left, right))
    if hasattr(left, "equals"):
        return bool(left.equals(right)) and str(getattr(left, "dtypes", None)) == str(getattr(right, "dtypes", None))
    if hasattr(left, "dtype"):
        import numpy as np

        equal = np.array_equal(left, right, equal_nan=left.dtype.kind in "fc")
        return bool(equal and left.dtype == right.dtype)
    return bool(left == right)


if __name__ == "__main__":
    main()
