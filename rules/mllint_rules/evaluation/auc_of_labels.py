"""The rule ``auc-of-labels``."""

import libcst as cst

from mllint import CallSite, Context, Rule, Severity, on_call

_RANKS = ("sklearn.metrics.roc_auc_score", "sklearn.metrics.average_precision_score")
_NEEDS_PROBABILITIES = ("sklearn.metrics.log_loss", "sklearn.metrics.brier_score_loss")


class AucOfLabels(Rule):
    """A score of probabilities is computed of predicted classes.

    ## What it does
    Finds `roc_auc_score`, `average_precision_score`, `log_loss` and `brier_score_loss` that are given what `predict` of a
    classifier returned, instead of `predict_proba` or `decision_function`.

    ## Why is this bad
    The classes have lost the order in which the model puts the rows: the area under the curve is that of a single
    threshold, usually much lower, and another number than every other report of an AUC. Models are then compared by
    something that nobody meant.

    ## Example
    ```python
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    model = LogisticRegression().fit(X_train, y_train)
    print(roc_auc_score(y_test, model.predict(X_test)))
    ```

    ## Use instead
    ```python
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    model = LogisticRegression().fit(X_train, y_train)
    print(roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]))
    ```

    ## References
    - scikit-learn: `roc_auc_score`, https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
    """

    name = "auc-of-labels"
    category = "evaluation"
    severity = Severity.ERROR
    libraries = ("scikit-learn",)
    sources = {"mlguard-lint": "MLG017"}

    @on_call(*_RANKS, *_NEEDS_PROBABILITIES)
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a score that gets predicted classes."""
        given = call.first("y_score", "y_proba", "y_prob", "y_pred").value
        made = ctx.model.assigned_value(given) if isinstance(given, cst.Name) else given
        if given is None or not isinstance(made, cst.Call):
            return
        source = ctx.model.call(made)
        if source.last_name != "predict" or not _is_classifier(source, ctx):
            return
        ctx.report(
            given,
            f"`{call.last_name}` needs probabilities or scores, and these are the classes that `predict` chose",
            help="Pass `predict_proba(…)[:, 1]` for two classes, or `decision_function(…)`",
            trace=[(source, "The classes are predicted here")] if given is not made else [],
        )


def _is_classifier(call: CallSite, ctx: Context) -> bool:
    """Tell whether a method belongs to a classifier that knows probabilities as well."""
    kind = call.receiver_kind
    if kind is None:
        return False
    tags = ctx.knowledge.tags(kind)
    return "classifier" in tags and "module" not in tags
