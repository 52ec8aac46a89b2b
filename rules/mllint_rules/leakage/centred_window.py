"""The rule ``centred-window``."""

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._time import Reach, confidence, into, is_along_rows, is_series, reaching_features, trace


class CentredWindow(Rule):
    """A feature is smoothed over later rows.

    ## What it does
    Finds windows and filters that look to both sides (`rolling(7, center=True)`, `savgol_filter`, `filtfilt`,
    `np.convolve(x, w, mode="same")`, `np.gradient`) along the rows of a series whose result becomes a feature of a
    model that is evaluated. A filter along each row on its own, such as one spectrum or one recording per row, is left
    alone.

    ## Why is this bad
    Half of the window lies in the future. The smoothed value tells the model what comes next, and near the end of the
    training part it is made of test rows.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    sales = pd.read_csv("sales.csv", index_col="date", parse_dates=True)
    sales["level"] = sales["visits"].rolling(7, center=True).mean()
    train, test = sales.iloc[:800], sales.iloc[800:]
    model = Ridge().fit(train[["level"]], train["sales"])
    print(model.score(test[["level"]], test["sales"]))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    sales = pd.read_csv("sales.csv", index_col="date", parse_dates=True)
    sales["level"] = sales["visits"].rolling(7).mean()
    train, test = sales.iloc[:800], sales.iloc[800:]
    model = Ridge().fit(train[["level"]], train["sales"])
    print(model.score(test[["level"]], test["sales"]))
    ```

    ## References
    - pandas: windowing operations, centering windows,
      https://pandas.pydata.org/docs/user_guide/window.html#centering-windows
    """

    name = "centred-window"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every window to both sides that reached the features of an evaluated model."""
        for reach in reaching_features(ctx, "look-ahead", lambda reach: _is_window(reach) and is_series(reach, ctx)):
            event = reach.event
            ctx.report(
                place_of(event),
                f"The window of `{called(event, ctx)}` reaches into later rows: {into(reach)} tell what comes next",
                help="Use a window that ends at the current row",
                trace=trace(reach, "Later values come in here"),
                confidence=confidence(reach),
            )


def _is_window(reach: Reach) -> bool:
    event = reach.event
    if event.call is None or not event.tags.isdisjoint(("shifts", "fills-gaps")):
        return False
    return "merges-rows" not in event.call.roles and is_along_rows(reach)
