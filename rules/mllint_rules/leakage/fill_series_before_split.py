"""The rule ``fill-series-before-split``."""

import libcst as cst

from mllint import Context, Rule, Tier, on_unit
from mllint_rules.leakage._evaluations import evaluations, parting_split


class FillSeriesBeforeSplit(Rule):
    """Gaps are filled from neighbouring rows before the rows are split at random.

    ## What it does
    Finds `ffill`, `bfill` and `interpolate` over rows that are split into train and test parts at random afterwards.
    A split in the order of time is left alone.

    ## Why is this bad
    The filled value of a training row is often that of a neighbour that is held out, or the other way round, so the
    two parts share what they should not.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X = X.interpolate()
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X = X.ffill()
    X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    """

    name = "fill-series-before-split"
    category = "leakage"
    tier = Tier.AUDIT

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every filling from neighbours whose rows are split at random."""
        reported: set[cst.CSTNode] = set()
        for evaluation in evaluations(ctx):
            split = parting_split(evaluation)
            if split is None or split.call is None or not split.call.holds("shuffle=True"):
                continue
            for event, _ in evaluation.fit.rows.influences():
                call = event.call
                if call is None or call.last_name not in _FILLS or event.node in reported:
                    continue
                if event.number < split.number and event.kind in ("look-back", "look-ahead"):
                    reported.add(event.node)
                    ctx.report(
                        call,
                        f"`{call.last_name}` fills gaps from neighbouring rows, which a random split parts afterwards",
                        help="Split in the order of time, or fill each part by itself",
                        trace=[(call, "Filled from neighbours here"), (split.call, "Split at random here")],
                    )


_FILLS = frozenset({"ffill", "pad", "bfill", "backfill", "fillna", "interpolate", "forward_fill", "backward_fill"})
