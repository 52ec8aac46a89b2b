"""The rule ``feature-from-target``."""

from __future__ import annotations

from mllint import Context, Event, Rule, Severity, on_unit
from mllint_rules.leakage._target import Task, column_made, features_chosen, tasks


class FeatureFromTarget(Rule):
    """A feature was computed from the column that the model learns to predict.

    ## What it does
    Follows which columns a column was computed from (`df["per_m2"] = df["price"] / df["area"]`) and reports where it is
    surely among the features of a model that predicts one of them. Earlier values of the target (`shift(1)`) are known
    when the model predicts and are left alone; means of the target by group have a rule of their own.

    ## Why is this bad
    The feature contains the answer, and the model only has to turn the computation around. Where the answer is not
    known the feature cannot be computed.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    flats = pd.read_csv("flats.csv")
    flats["per_m2"] = flats["price"] / flats["area"]
    X, y = flats.drop(columns="price"), flats["price"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    flats = pd.read_csv("flats.csv")
    flats["per_m2"] = flats["price"] / flats["area"]
    X, y = flats.drop(columns=["price", "per_m2"]), flats["price"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L2
    """

    name = "feature-from-target"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every feature that was computed from the target."""
        reported: set[str] = set()
        for task in tasks(ctx):
            for name in _from_target(task):
                if name in reported:
                    continue
                reported.add(name)
                place = column_made(name, ctx, task.fit.node, of=task.target) or features_chosen(task, ctx)
                ctx.report(
                    place,
                    f"The feature `{name}` is computed from `{task.target}`, which the model learns to predict",
                    help=f"Drop `{name}` from the features",
                    trace=[(place, f"It is computed from `{task.target}` here"), *task.trace],
                    confidence=task.confidence,
                )


def _from_target(task: Task) -> list[str]:
    """Return the features that were computed from the target of the same row."""
    columns = task.features.columns
    answers = {task.target, task.source} - {None}
    return sorted(
        name
        for name, sources in columns.sources.items()
        if name not in answers
        and answers & sources
        and task.holds(name)
        and not any(_other_rows(event, task.target) for event in columns.made.get(name, ()))
    )


def _other_rows(event: Event, target: str) -> bool:
    """Tell whether a value comes from earlier rows, or is a statistic, for which there are other rules."""
    if event.kind == "look-back":
        return "shifts" in event.tags and "differences" not in event.tags
    if event.kind == "statistic":
        return target in event.rows.computed_from and "learns-edges" not in event.tags
    return event.kind in ("look-ahead", "window", "fit", "apply", "predict")
