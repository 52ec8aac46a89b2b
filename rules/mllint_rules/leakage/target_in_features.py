"""The rule ``target-in-features``."""

from __future__ import annotations

import libcst as cst

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._target import Task, features_chosen, tasks


class TargetInFeatures(Rule):
    """The column that a model learns to predict is among its features.

    ## What it does
    Follows which columns a model gets (`X = df`, `X = df.drop("id", axis=1)`, `df[columns]`) and which one it learns to
    predict (`y = df["price"]`), and reports where the features surely hold that column, or the one that it was computed
    from. Columns that are dropped or popped later, or by a `ColumnTransformer`, are not reported, and neither is
    anything where the columns cannot be read off the code.

    ## Why is this bad
    The model copies the answer. Its score is perfect and says nothing; on new rows, where the column does not exist, it
    cannot be used.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    houses = pd.read_csv("houses.csv")
    X, y = houses.drop("id", axis=1), houses["price"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    houses = pd.read_csv("houses.csv")
    X, y = houses.drop(["id", "price"], axis=1), houses["price"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L2
    """

    name = "target-in-features"
    category = "leakage"
    severity = Severity.ERROR
    tier = Tier.AUDIT

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every model whose features hold the answer."""
        reported: set[cst.CSTNode] = set()
        for task in tasks(ctx):
            column = _answer(task)
            coded = _coded_answer(task, ctx) if column is None else None
            place = features_chosen(task, ctx) if column is not None or coded is not None else None
            if place is None or place in reported:
                continue
            reported.add(place)
            if coded is not None:
                column = f"{coded}_…"
                what = f"`get_dummies` has made several columns of `{coded}`, and the features still hold the others"
            elif column == task.target:
                what = f"The features still hold `{column}`, which the model learns to predict"
            else:
                what = f"The features hold `{column}`, which the target `{task.target}` was computed from"
            ctx.report(
                place,
                what,
                help=f'Drop `"{column}"` from the features',
                trace=[(place, f"These columns hold `{column}`"), *task.trace],
                confidence=task.confidence,
            )


def _coded_answer(task: Task, ctx: Context) -> str | None:
    """Return the column that one-hot coding has made the target of, where its other columns stay in the features.

    ``get_dummies(frame)`` makes at least two columns of one; ``drop_first=True`` leaves two classes with one.
    """
    columns = task.features.columns
    prefix = next((name for name in _prefixes(task.target) if _is_column(name, ctx)), None)
    if prefix is None or not columns.known or columns.only is not None or not columns.made.keys().isdisjoint([prefix]):
        return None
    if any(name != task.target and name.startswith(f"{prefix}_") for name in columns.without):
        return None
    for event in task.features.learned & task.answers.learned:
        call = event.call
        if call is None or event.kind != "fit" or event.models or "learns-vocabulary" not in event.tags:
            continue
        whole = event.rows.columns
        if (
            call.literal("drop_first", default=False) is False
            and call.argument("columns").absent
            and whole.holds(prefix)
        ):
            return prefix if task.passed(task.target) else None
    return None


def _prefixes(name: str) -> list[str]:
    parts = name.split("_")
    return ["_".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def _is_column(name: str, ctx: Context) -> bool:
    """Tell whether the unit uses a word as the name of a column."""
    return any(ctx.model.literal(node) == name for node in ctx.model.nodes(cst.SimpleString))


def _answer(task: Task) -> str | None:
    """Return the column of the features that gives the answer away."""
    if task.holds(task.target):
        return task.target
    source = task.source
    return source if source is not None and task.holds(source) else None
