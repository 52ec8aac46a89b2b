"""The rule ``future-shift``."""

import re

import libcst as cst

from mllint import Context, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import place_of, shown
from mllint_rules.leakage._time import TIME_NAME, Reach, confidence, into, reaching_features, trace


class FutureShift(Rule):
    """A feature holds a value of a later row.

    ## What it does
    Finds `shift(-1)`, `diff(-1)`, `pct_change(-1)`, `np.roll(x, -1)` and `x[i + 1]` in a loop whose result becomes a
    feature of a model that is evaluated. The same shift is right where it makes the target, the value that the model
    learns to predict, and is left alone there.

    ## Why is this bad
    In production the later row does not exist yet. The model learns to read the answer from the future, its score is
    far too good, and it cannot be used.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    prices = pd.read_csv("prices.csv", index_col="date", parse_dates=True)
    prices["change"] = prices["close"].shift(-1) - prices["close"]
    train, test = prices.iloc[:800], prices.iloc[800:]
    model = Ridge().fit(train[["change", "volume"]], train["close"])
    print(model.score(test[["change", "volume"]], test["close"]))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    prices = pd.read_csv("prices.csv", index_col="date", parse_dates=True)
    prices["change"] = prices["close"].shift(1) - prices["close"].shift(2)
    train, test = prices.iloc[:800], prices.iloc[800:]
    model = Ridge().fit(train[["change", "volume"]], train["close"])
    print(model.score(test[["change", "volume"]], test["close"]))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L3.1
    - Kaufman et al., Leakage in data mining: formulation, detection, and avoidance (2012)
    """

    name = "future-shift"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every shift from later rows that reached the features of an evaluated model."""
        for reach in reaching_features(ctx, "look-ahead", _is_shift):
            if _is_difference(reach.event.node, ctx):
                continue
            ctx.report(
                place_of(reach.event),
                f"{shown(reach.event.node, ctx, 'This shift')} brings values of later rows into {into(reach)},"
                " which are not known when the model predicts",
                help="Use values of earlier rows, or drop the column from the features if it is the target",
                trace=trace(reach, "Later values come in here"),
                confidence=confidence(reach),
            )


def _is_difference(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether neighbours are subtracted, ``block[i + 1] - block[i]``: how a window moved, with its end as the present."""
    parent = ctx.model.parent(node)
    if not isinstance(parent, cst.BinaryOperation) or not isinstance(parent.operator, cst.Subtract):
        return False
    sides = [side for side in (parent.left, parent.right) if isinstance(side, cst.Subscript)]
    return len(sides) == 2 and ctx.model.text(sides[0].value) == ctx.model.text(sides[1].value)


def _is_shift(reach: Reach) -> bool:
    """Tell whether later values are brought in by a shift, and not only such as are known ahead, like the calendar."""
    columns = reach.event.rows.computed_from
    known_ahead = bool(columns) and all(TIME_NAME.search(name) or _KNOWN_AHEAD.search(name) for name in columns)
    return "shifts" in reach.event.tags and not known_ahead


#: Names of columns whose later values are known when the model predicts.
_KNOWN_AHEAD = re.compile(r"(?i)holiday|week_?end|calendar|schedule|planned|season|forecast")
