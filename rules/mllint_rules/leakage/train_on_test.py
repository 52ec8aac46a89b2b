"""The rule ``train-on-test``."""

import libcst as cst

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._test_fits import fits_on_test


class TrainOnTest(Rule):
    """A model is trained on the test set.

    ## What it does
    Finds fits and partial fits of models on the part of the rows that a split has held out for testing and that is
    scored as the test, and training on test rows that were labelled by predictions (pseudo-labels). Rows that are
    called test but serve for blending or calibration, because further rows are tested on, loops that test on each batch
    before they learn from it, and a last refit on all rows are left alone.

    ## Why is this bad
    A model that has learned from the test rows has nothing left to be tested on: its score says how well it remembers.
    A refit for production belongs on all rows.

    ## Example
    ```python
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = SGDClassifier().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    model.fit(X_test, y_test)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = SGDClassifier().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.1
    """

    name = "train-on-test"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit of a model on the test rows."""
        reported: set[cst.CSTNode] = set()
        for found in fits_on_test(ctx):
            fit = found.event
            if fit.node in reported:
                continue
            reported.add(fit.node)
            ctx.report(
                place_of(fit),
                f"`{called(fit, ctx)}` trains the model on the test set",
                help="Train on the training part only; fit on all rows once nothing is scored any more",
                trace=found.trace,
                confidence=found.confidence,
            )
