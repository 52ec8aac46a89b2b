"""The rule ``scale-target-with-features``."""

from __future__ import annotations

import libcst as cst

from mllint import Confidence, Context, Event, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import Evaluation, called, evaluations, place_of
from mllint_rules.leakage._time import trains_to_predict


class ScaleTargetWithFeatures(Rule):
    """A whole table, the target included, is transformed by one scaler before it is split.

    ## What it does
    Finds a transformer that is fitted on a table (`StandardScaler().fit_transform(df)`) out of which both the features
    and the target of an evaluated model are taken afterwards.

    ## Why is this bad
    The target is scaled by statistics of the test rows, so that errors are measured in units that the test part has
    decided, and a target of classes becomes numbers that mean nothing.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    frame = pd.read_csv("concrete.csv")
    scaled = pd.DataFrame(StandardScaler().fit_transform(frame), columns=frame.columns)
    X, y = scaled.drop(columns="strength"), scaled["strength"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = pd.read_csv("concrete.csv")
    X, y = frame.drop(columns="strength"), frame["strength"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = make_pipeline(StandardScaler(), Ridge()).fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: transforming the target in regression,
      https://scikit-learn.org/stable/modules/compose.html#transforming-target-in-regression
    """

    name = "scale-target-with-features"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit of a scaler on a table that the features and the target both come from."""
        reported: set[cst.CSTNode] = set()
        for evaluation in evaluations(ctx):
            fit = evaluation.fit
            if not trains_to_predict(fit) or any(event.kind == "window" for event in fit.rows.learned):
                continue
            for event in sorted(fit.rows.reached_by & fit.target.reached_by, key=lambda each: each.number):
                if event.node in reported or not _scales_both(event, evaluation):
                    continue
                reported.add(event.node)
                steps = [
                    (place_of(event), "The whole table is scaled here"),
                    (place_of(fit), "The model is trained here"),
                ]
                if fit is not evaluation.event:
                    steps.append((place_of(evaluation.event), "It is evaluated here"))
                ctx.report(
                    place_of(event),
                    f"`{called(event, ctx)}` scales the target together with the features, over all rows",
                    help="Split first, and scale only the features by the training part",
                    trace=steps,
                    confidence=None if event.certain and fit.certain else Confidence.MEDIUM,
                )


def _scales_both(event: Event, evaluation: Evaluation) -> bool:
    """Tell whether an event is a fit of a scaler on rows that are not split yet, the target among their columns."""
    if event.kind != "fit" or event.trains_model or "learns-statistics" not in event.tags:
        return False
    names = evaluation.fit.target.columns.only or frozenset()
    if any(each.kind in ("look-ahead", "look-back") for each in evaluation.fit.target.learned):
        return False  # a series, which is scaled as a whole to be predicted from its own past
    if len(names) != 1 or not all(event.rows.columns.holds(name) for name in names):
        return False
    return not event.rows.splits & evaluation.trained.splits
