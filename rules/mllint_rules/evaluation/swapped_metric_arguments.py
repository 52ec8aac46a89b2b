"""The rule ``swapped-metric-arguments``."""

import re

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, Severity, on_call

_METRICS = tuple(
    f"sklearn.metrics.{name}"
    for name in (
        "precision_score",
        "recall_score",
        "f1_score",
        "fbeta_score",
        "precision_recall_fscore_support",
        "classification_report",
        "confusion_matrix",
        "roc_auc_score",
        "average_precision_score",
        "log_loss",
        "r2_score",
        "explained_variance_score",
        "mean_absolute_percentage_error",
        "roc_curve",
        "precision_recall_curve",
    )
)
_PREDICTED = re.compile(r"(?i)(?:^|_)(?:pred|preds|predicted|prediction|predictions|hat|proba|probs)\d*(?:_|$)")
_TRUE = re.compile(r"(?i)^y_?(?:test|true|val|valid|train)\d*$|(?:^|_)(?:true|actual|truth)(?:_|$)")


class SwappedMetricArguments(Rule):
    """A metric gets the predictions first and the truth second.

    ## What it does
    Finds metrics of scikit-learn that are not symmetric, `precision_score` or `r2_score` for example, whose first argument is
    named after predictions (`y_pred`) and whose second is named after the truth (`y_test`).

    ## Why is this bad
    Precision and recall change places, a confusion matrix is turned over, and R² is another number: without an error, and
    often close enough to be believed.

    ## Example
    ```python
    from sklearn.metrics import precision_score

    print(precision_score(y_pred, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.metrics import precision_score

    print(precision_score(y_test, y_pred))
    ```

    ## Fix safety
    The fix is unsafe, because it is meant to change the score.

    ## References
    - scikit-learn: metrics, https://scikit-learn.org/stable/api/sklearn.metrics.html
    """

    name = "swapped-metric-arguments"
    category = "evaluation"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("scikit-learn",)

    @on_call(*_METRICS)
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report two positional arguments whose names say that they stand in the wrong places."""
        if len(call.positional) < 2:
            return
        first, second = (arg.value for arg in call.positional[:2])
        if not isinstance(first, cst.Name) or not isinstance(second, cst.Name):
            return
        if not (_PREDICTED.search(first.value) and _TRUE.search(second.value)) or _TRUE.search(first.value):
            return
        if _PREDICTED.search(second.value) or _is_symmetric(call):
            return
        ctx.report(
            call,
            f"`{call.last_name}` takes the truth first, and here `{first.value}` is",
            help=f"Pass `{second.value}` before `{first.value}`",
            fix=Fix(
                "Swap the arguments",
                [ctx.fix.replace(first, second.value), ctx.fix.replace(second, first.value)],
                Applicability.UNSAFE,
            ),
        )


def _is_symmetric(call: CallSite) -> bool:
    """Tell whether a score is, or may be, the same either way: F1 of each class is, and every micro-average."""
    average = call.literal("average", default="binary")
    if call.last_name == "f1_score":
        return bool(average != "weighted")
    return bool(average == "micro")
