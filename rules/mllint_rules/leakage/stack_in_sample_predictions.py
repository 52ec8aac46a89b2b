"""The rule ``stack-in-sample-predictions``."""

from __future__ import annotations

import libcst as cst

from mllint import Confidence, Context, Event, Overlap, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import evaluations, place_of


class StackInSamplePredictions(Rule):
    """A model is trained on predictions that other models make for their own training rows.

    ## What it does
    Finds a model whose features are predictions (`np.column_stack([a.predict(X_train), b.predict(X_train)])`) of models
    that were trained on the same rows and their target. Predictions from `cross_val_predict`, or for rows that the
    first models have not seen, are right.

    ## Why is this bad
    On their own training rows the first models are nearly perfect, so the second one learns to trust the model that
    overfits most. On new rows that trust is misplaced.

    ## Example
    ```python
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    forest = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    stacked = np.column_stack([forest.predict_proba(X_train)])
    meta = LogisticRegression().fit(stacked, y_train)
    print(meta.score(np.column_stack([forest.predict_proba(X_test)]), y_test))
    ```

    ## Use instead
    ```python
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    forest = RandomForestClassifier(random_state=0)
    stacked = np.column_stack([cross_val_predict(forest, X_train, y_train, method="predict_proba")])
    meta = LogisticRegression().fit(stacked, y_train)
    forest.fit(X_train, y_train)
    print(meta.score(np.column_stack([forest.predict_proba(X_test)]), y_test))
    ```

    ## References
    - scikit-learn: stacked generalization, https://scikit-learn.org/stable/modules/ensemble.html#stacked-generalization
    """

    name = "stack-in-sample-predictions"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every model that learns from predictions for rows which their models were trained on."""
        reported: set[cst.CSTNode] = set()
        for evaluation in evaluations(ctx):
            fit = evaluation.fit
            if fit.node in reported or not fit.trains_model or "module" in fit.tags:
                continue
            for prediction in sorted(fit.rows.predicted, key=lambda each: each.number):
                base = _trained_on_them(prediction, fit)
                if base is None:
                    continue
                reported.add(fit.node)
                ctx.report(
                    place_of(prediction),
                    "These predictions are for rows that the model was trained on, and another model learns from them",
                    help="Use `cross_val_predict`, or rows that the first model has not seen, for the second one",
                    trace=[
                        (place_of(base), "The first model is trained here"),
                        (place_of(prediction), "It predicts its own training rows here"),
                        (place_of(fit), "The second model learns from the predictions here"),
                        (place_of(evaluation.event), "It is evaluated here"),
                    ],
                    confidence=None if fit.certain and base.certain else Confidence.MEDIUM,
                )
                break


def _trained_on_them(prediction: Event, meta: Event) -> Event | None:
    """Return the fit of another model with a target on the rows that it predicts."""
    if prediction.kind != "predict":
        return None
    for fit in sorted(prediction.fits, key=lambda each: each.number):
        if not fit.trains_model or fit.models & meta.models or not _has_target(fit) or fit.rows.is_each:
            continue
        if any(
            mine.compare(theirs) in (Overlap.SAME, Overlap.CONTAINS)
            for mine in fit.rows.rows
            for theirs in prediction.rows.rows
        ):
            return fit
    return None


def _has_target(fit: Event) -> bool:
    """Tell whether a model learns to predict something other than what it is given, as an autoencoder does."""
    target, rows = fit.target, fit.rows
    return bool(target.rows) and (target.columns != rows.columns or target.sources != rows.sources)
