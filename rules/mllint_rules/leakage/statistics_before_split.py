"""The rule ``statistics-before-split``."""

import libcst as cst

from mllint import Applicability, Context, Event, Part, Rule, on_unit
from mllint_rules.leakage._evaluations import called, data_shown
from mllint_rules.leakage._preprocessing import divided, is_parameter, leaks_before_split, report
from mllint_rules.leakage._rewrites import fill_after_split


class StatisticsBeforeSplit(Rule):
    """A statistic of all rows gets into the features before they are split.

    ## What it does
    Follows means, deviations, medians, minima, maxima, quantiles, correlations and other statistics that are computed by
    hand over all rows (`(X - X.mean()) / X.std()`, `df["age"].fillna(df["age"].mean())`, a threshold in a `lambda`) to a
    model that is trained on one part of the rows and evaluated on another. Statistics that are only printed or plotted,
    statistics of a single row (`axis=1`), mere counts, the ends of a range and what is computed after the training are left
    alone.

    ## Why is this bad
    The statistic tells the training something about the rows that are held out, and these are prepared by values that
    will not be known in production. The score is too good.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X = (X - X.mean()) / X.std()
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    mean, deviation = X_train.mean(), X_train.std()
    model.fit((X_train - mean) / deviation, y_train)
    print(model.score((X_test - mean) / deviation, y_test))
    ```

    ## Fix safety
    Where missing values are filled by the mean, median or mode of a column and the rows are split further down in the same
    block of code, the fix fills both parts behind the split, by the statistic of the training part. It is unsafe because
    it is meant to change results.

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "statistics-before-split"
    category = "leakage"
    fixes = (Applicability.UNSAFE,)

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every statistic that saw rows which a model is evaluated on."""
        for leak in leaks_before_split(ctx):
            cause = leak.cause
            if (
                cause.kind != "statistic"
                or cause.tags & _OTHERS
                or _is_made_up(cause, ctx)
                or is_parameter(cause, ctx)
                or _fills_nothing(cause, ctx)
            ):
                continue
            if not leak.sure:
                continue  # the column may not be among the features at all
            searched = leak.evaluation.event.kind == "fit"
            if leak.evaluation.on_folds and cause.rows.part is Part.TRAIN and (cause.rows.splits or searched):
                continue  # the test part still tells the truth
            if leak.through is not None and leak.through.kind in ("select-rows", "select-columns"):
                continue
            report(
                leak,
                ctx,
                f"`{called(cause, ctx)}` is computed over all rows of {data_shown(cause, ctx)}{divided(leak)}",
                "Split first and compute it over the training part only",
                fix=fill_after_split,
            )


#: Statistics that other rules are about, or that say nothing of the values.
_OTHERS = frozenset({"counts", "grouped", "learns-edges"})


def _fills_nothing(statistic: Event, ctx: Context) -> bool:
    """Tell whether missing values are filled by a table of modes, which `fill-with-table-of-modes` is about."""
    arg = ctx.model.parent(statistic.node)
    outer = ctx.model.parent(arg) if isinstance(arg, cst.Arg) else None
    fills = isinstance(outer, cst.Call) and ctx.model.call(outer).last_name == "fillna"
    return fills and statistic.call is not None and statistic.call.last_name == "mode"


def _is_made_up(statistic: Event, ctx: Context) -> bool:
    """Tell whether the rows are drawn by the program, which then shapes them."""
    calls = [ctx.model.call(source) for source in statistic.rows.sources if isinstance(source, cst.Call)]
    return bool(calls) and all("draws-random" in call.roles for call in calls)
