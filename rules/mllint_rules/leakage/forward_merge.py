"""The rule ``forward-merge``."""

from mllint import CallSite, Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._time import TIME_NAME, confidence, reaching_features, trace


class ForwardMerge(Rule):
    """Rows are joined with later rows of another table.

    ## What it does
    Finds `pd.merge_asof(..., direction="forward")` and `"nearest"` (polars: `join_asof(strategy=...)`) by a column of
    times, where what was joined becomes a feature of a model that is evaluated. Joining backward, the default, is
    right, and so is a forward join that finds the label.

    ## Why is this bad
    The joined row may be later than the row it is joined to: a weather report of the next hour, a quote after the
    trade. It is not known yet when the model predicts.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    trips, weather = pd.read_csv("trips.csv"), pd.read_csv("weather.csv")
    joined = pd.merge_asof(trips, weather, on="time", direction="nearest")
    train, test = joined.iloc[:800], joined.iloc[800:]
    model = Ridge().fit(train[["rain", "wind"]], train["duration"])
    print(model.score(test[["rain", "wind"]], test["duration"]))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    trips, weather = pd.read_csv("trips.csv"), pd.read_csv("weather.csv")
    joined = pd.merge_asof(trips, weather, on="time", direction="backward")
    train, test = joined.iloc[:800], joined.iloc[800:]
    model = Ridge().fit(train[["rain", "wind"]], train["duration"])
    print(model.score(test[["rain", "wind"]], test["duration"]))
    ```

    ## References
    - pandas: merge_asof, https://pandas.pydata.org/docs/reference/api/pandas.merge_asof.html
    """

    name = "forward-merge"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every join with later rows that reached the features of an evaluated model."""
        for reach in reaching_features(ctx, "look-ahead", lambda reach: _joins_by_time(reach.event.call)):
            ctx.report(
                place_of(reach.event),
                f"`{called(reach.event, ctx)}` joins rows with later ones, which are not known when the model predicts",
                help="Join backward, with the last row before",
                trace=trace(reach, "Later rows are joined here"),
                confidence=confidence(reach),
            )


def _joins_by_time(call: CallSite | None) -> bool:
    """Tell whether a call joins tables by a time, as far as a name says; an index is taken to be one."""
    if call is None or "merges-rows" not in call.roles:
        return False
    for name in ("on", "left_on"):
        if call.argument(name).present:
            key = call.literal(name)
            return isinstance(key, str) and TIME_NAME.search(key) is not None
    return True
