"""The rule ``auc-of-labels``."""

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, Severity, on_call

_RANKS = ("sklearn.metrics.roc_auc_score", "sklearn.metrics.average_precision_score")
_NEEDS_PROBABILITIES = ("sklearn.metrics.log_loss", "sklearn.metrics.brier_score_loss")
#: Classifiers that only have probabilities when they are asked for them, or none at all.
_WITHOUT_PROBABILITIES = frozenset(
    {
        "sklearn.linear_model.Perceptron",
        "sklearn.linear_model.RidgeClassifier",
        "sklearn.linear_model.RidgeClassifierCV",
        "sklearn.linear_model.PassiveAggressiveClassifier",
        "sklearn.linear_model.SGDClassifier",
        "sklearn.svm.LinearSVC",
        "sklearn.svm.NuSVC",
        "sklearn.svm.SVC",
        "sklearn.neighbors.NearestCentroid",
    }
)


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

    ## Fix safety
    The fix is offered where `predict` is called in the metric itself, by a classifier that has probabilities. It is unsafe,
    because it changes the score.

    ## References
    - scikit-learn: `roc_auc_score`, https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
    """

    name = "auc-of-labels"
    category = "evaluation"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
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
            fix=(lambda: self._fix(call, source, ctx)) if given is made else None,
        )

    @staticmethod
    def _fix(call: CallSite, source: CallSite, ctx: Context) -> Fix | None:
        kind = source.receiver_kind
        if kind is None or ctx.knowledge.method(kind, "predict_proba") is None or kind in _WITHOUT_PROBABILITIES:
            return None
        column = "" if call.last_name == "log_loss" else "[:, 1]"
        edits = [ctx.fix.rename_callee(source.node, "predict_proba"), *ctx.fix.wrap(source.node, "", column)]
        return Fix("Use the probabilities", edits, Applicability.UNSAFE)


def _is_classifier(call: CallSite, ctx: Context) -> bool:
    """Tell whether a method belongs to a classifier that knows probabilities as well."""
    kind = call.receiver_kind
    if kind is None:
        return False
    tags = ctx.knowledge.tags(kind)
    return "classifier" in tags and "module" not in tags
