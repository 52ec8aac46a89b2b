"""The rule ``threshold-on-test``."""

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._decisions import Choice, decisions, trace_of
from mllint_rules.leakage._evaluations import place_of


class ThresholdOnTest(Rule):
    """A decision threshold is chosen by scores on the test set.

    ## What it does
    Finds curves over all thresholds (`roc_curve`, `precision_recall_curve`) on held-out rows whose best point is
    taken, and loops that judge the predictions of one model by one threshold or weight after another and take the
    best. A curve that is only plotted, and a threshold from rows that are not the last ones to be tested on are left
    alone.

    ## Why is this bad
    The threshold fits the test rows. The scores at it are too good, and nothing is left to tell how the threshold does
    on new data.

    ## Example
    ```python
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_curve
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = LogisticRegression().fit(X_train, y_train)
    fpr, tpr, thresholds = roc_curve(y_test, model.predict_proba(X_test)[:, 1])
    best = thresholds[np.argmax(tpr - fpr)]
    ```

    ## Use instead
    ```python
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_curve
    from sklearn.model_selection import cross_val_predict, train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = LogisticRegression()
    probabilities = cross_val_predict(model, X_train, y_train, method="predict_proba")[:, 1]
    fpr, tpr, thresholds = roc_curve(y_train, probabilities)
    best = thresholds[np.argmax(tpr - fpr)]
    ```

    ## References
    - scikit-learn: Tuning the decision threshold, https://scikit-learn.org/stable/modules/classification_threshold.html
    """

    name = "threshold-on-test"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every choice of a threshold by scores on the test rows."""
        for decision in decisions(ctx):
            if decision.choice is Choice.THRESHOLD and decision.decided is not None:
                ctx.report(
                    place_of(decision.decided),
                    "The threshold is chosen by scores on the test set, which then cannot tell how good it is",
                    help="Choose it on a validation set or on cross-validated predictions of the training part",
                    trace=trace_of(decision),
                    confidence=decision.confidence,
                )
