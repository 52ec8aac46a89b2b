"""The rule ``backward-fill``."""

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._time import Reach, confidence, into, is_series, reaching_features, trace


class BackwardFill(Rule):
    """Gaps in a series are filled with later values.

    ## What it does
    Finds `bfill()`, `fillna(method="bfill")` and `interpolate(limit_direction="both")` on rows in the order of time
    whose result becomes a feature of a model that is evaluated. Filling forward is left alone.

    ## Why is this bad
    At the time of a gap the later value is not known. Filled with it, the features tell the model what comes next, and
    at the end of the training part they take values from the test part.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    readings = pd.read_csv("readings.csv", index_col="time", parse_dates=True)
    readings["humidity"] = readings["humidity"].bfill()
    train, test = readings.iloc[:800], readings.iloc[800:]
    model = Ridge().fit(train[["humidity"]], train["load"])
    print(model.score(test[["humidity"]], test["load"]))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    readings = pd.read_csv("readings.csv", index_col="time", parse_dates=True)
    readings["humidity"] = readings["humidity"].ffill()
    train, test = readings.iloc[:800], readings.iloc[800:]
    model = Ridge().fit(train[["humidity"]], train["load"])
    print(model.score(test[["humidity"]], test["load"]))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L3.1
    """

    name = "backward-fill"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fill from later rows that reached the features of a model evaluated on later rows."""

        def wanted(reach: Reach) -> bool:
            # Before a random split it is another rule's matter.
            return "fills-gaps" in reach.event.tags and is_series(reach, ctx)

        for reach in reaching_features(ctx, "look-ahead", wanted):
            ctx.report(
                place_of(reach.event),
                f"`{called(reach.event, ctx)}` fills gaps in {into(reach)} with later values, which are not known yet",
                help="Fill forward with `ffill`, and what is left at the beginning with a constant",
                trace=trace(reach, "Later values come in here"),
                confidence=confidence(reach),
            )
