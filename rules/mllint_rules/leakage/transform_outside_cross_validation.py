"""The rule ``transform-outside-cross-validation``."""

from mllint import Applicability, Context, Event, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import LEARNING, called, data_shown, reaches_features
from mllint_rules.leakage._preprocessing import leaks_before_split, report
from mllint_rules.leakage._rewrites import into_pipeline


class TransformOutsideCrossValidation(Rule):
    """A transformer is fitted on all rows outside of the cross-validation that evaluates the model.

    ## What it does
    Finds transformers and feature selectors that were fitted on the rows which `cross_val_score`, `cross_validate`,
    `GridSearchCV.fit` and the like divide into folds only afterwards. Where they saw the training part of a split only,
    this is a warning: the folds then choose by scores that are too good, but the score of the test part holds.

    ## Why is this bad
    Every fold is prepared with what was learned from the rows it is evaluated on. The scores of the folds are too good,
    and the choice among models or parameters is made by them.

    ## Example
    ```python
    from sklearn.feature_selection import SelectKBest
    from sklearn.model_selection import cross_val_score

    X_best = SelectKBest(k=20).fit_transform(X, y)
    scores = cross_val_score(model, X_best, y, cv=5)
    ```

    ## Use instead
    ```python
    from sklearn.feature_selection import SelectKBest
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    scores = cross_val_score(make_pipeline(SelectKBest(k=20), model), X, y, cv=5)
    ```

    ## Fix safety
    Where `X_new = transformer.fit_transform(X)` and the cross-validations of `X_new` stand in one block of code, and
    nothing else uses `X_new`, the fix cross-validates a pipeline of the transformer and the model on `X`. It is unsafe
    because it is meant to change results. Where something else uses `X_new` too, the code is only shown.

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "transform-outside-cross-validation"
    category = "leakage"
    fixes = (Applicability.UNSAFE, Applicability.DISPLAY)
    sources = {"ml-leakproof": "C001"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit that saw all rows of a cross-validation."""
        for leak in leaks_before_split(ctx):
            cause = leak.cause
            if cause.kind != "fit" or not leak.evaluation.on_folds:
                continue
            if leak.through is not None and leak.through.kind == "select-rows":
                continue  # no pipeline drops rows
            if not reaches_features(leak):
                continue  # no pipeline transforms the target
            if not (cause.tags & LEARNING or (cause.trains_model and _is_applied(cause, ctx))):
                continue
            report(
                leak,
                ctx,
                f"`{called(cause, ctx)}` learns from all rows of {data_shown(cause, ctx)} before they are divided into folds",
                _IN_PIPELINE if cause.models else _CLASS_IN_PIPELINE,
                fix=into_pipeline,
                severity=Severity.ERROR if "supervised" in cause.tags else None,
            )


_IN_PIPELINE = "Put it into a `Pipeline` with the model and cross-validate that"
_CLASS_IN_PIPELINE = "Put the class for it, such as `StandardScaler` for `scale`, into a `Pipeline` with the model and cross-validate that"


def _is_applied(fit: Event, ctx: Context) -> bool:
    """Tell whether rows are transformed by a model, as a selector does that was given a trained one."""
    return any(event.kind == "transform" and fit in event.fits for event in ctx.model.events)
