"""What the flow of origins costs, as a ratio to the LibCST parse of the same unit in the same process.

Usage: ``python tests/bench/flow_ratio.py PATH [PATH ...] [--notebooks 200] [--seed 1]``

Takes a random sample of the notebooks below the paths on which the flow runs at all: those with a split, a fit, a
score or a sampling in them. Prints the median and the total of flow / parse in CPU time, each the least of three rounds, and
how many functions stopped at a bound. Then it interprets a generated script of 2,000 and one of 20,000 lines and prints how much more the longer
one costs; a linear flow prints about 10.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from pathlib import Path

import libcst

from mllint.rule.registry import load_registry
from mllint.semantic.knowledge import Knowledge
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit
from mllint.source.unit import Unit

_BLOCK = """\
frame_{n} = pd.read_csv("rows_{n}.csv")
frame_{n}["age"] = frame_{n}["age"].fillna(frame_{n}["age"].mean())
X_{n}, y_{n} = frame_{n}.drop(columns="y"), frame_{n}["y"]
X_train_{n}, X_test_{n}, y_train_{n}, y_test_{n} = train_test_split(X_{n}, y_{n}, random_state={n})
model_{n} = LogisticRegression()
model_{n}.fit(X_train_{n}, y_train_{n})
if model_{n}.score(X_test_{n}, y_test_{n}) > 0.9:
    best = model_{n}
for part in (X_train_{n}, X_test_{n}):
    print(part.shape)
"""
_HEAD = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--notebooks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    knowledge = load_registry().knowledge()
    notebooks = sorted(
        {p for path in arguments.paths for p in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts}
    )
    random.Random(arguments.seed).shuffle(notebooks)
    ratios: list[float] = []
    parsed = flowed = 0.0
    functions = stopped = 0
    gc.disable()
    for path in notebooks:
        if len(ratios) == arguments.notebooks:
            break
        unit = read_unit(path, str(path))
        if not unit.cells:
            continue
        gc.collect()
        parse, flow, model = _cost(unit, knowledge)
        if not model.flow.events or not parse:
            continue
        ratios.append(flow / parse)
        parsed += parse
        flowed += flow
        functions += len(list(model.nodes(libcst.FunctionDef))) + 1
        stopped += len(model.flow.stopped)
    print(f"notebooks {len(ratios)} (seed {arguments.seed})")
    print(f"flow / parse: median {statistics.median(ratios):.2f}, all together {flowed / parsed:.2f}")
    print(f"functions that stopped at a bound: {stopped} of {functions} ({stopped / functions:.1%})")
    short, long = (_cost_of_script(lines, knowledge) for lines in (2_000, 20_000))
    print(f"a script of 20,000 lines costs {long / short:.1f} times one of 2,000 ({long:.2f} s, {short:.2f} s)")


def _cost(unit: Unit, knowledge: Knowledge) -> tuple[float, float, SemanticModel]:
    """Return the least CPU seconds of the parse and of the flow in three rounds."""
    rounds = [_round(unit, knowledge) for _ in range(3)]
    return min(parse for parse, _, _ in rounds), min(flow for _, flow, _ in rounds), rounds[-1][2]


def _round(unit: Unit, knowledge: Knowledge) -> tuple[float, float, SemanticModel]:
    """Return the CPU seconds of one parse and one flow, what rules ask for anyway computed in between."""
    started = time.process_time()
    parse_unit(unit)
    parsed = time.process_time()
    model = SemanticModel(unit, knowledge)
    for call in model.calls:
        _ = call.fact
    model.mentions("random_state")
    modelled = time.process_time()
    _ = model.flow
    return parsed - started, time.process_time() - modelled, model


def _cost_of_script(lines: int, knowledge: Knowledge) -> float:
    text = _HEAD + "".join(_BLOCK.format(n=number) for number in range(lines // _BLOCK.count("\n")))
    unit = read_unit(Path("long.py"), "long.py", text.encode())
    return _cost(unit, knowledge)[1]


if __name__ == "__main__":
    main()
