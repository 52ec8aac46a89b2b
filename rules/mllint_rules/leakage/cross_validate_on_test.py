"""The rule ``cross-validate-on-test``."""

import libcst as cst

from mllint import Context, Part, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._overlap import confidence, split_steps, steps


class CrossValidateOnTest(Rule):
    """A model is cross-validated on the test part, which trains it on test rows.

    ## What it does
    Finds `cross_val_score`, `cross_validate` and `cross_val_predict` on the test part of a split.

    ## Why is this bad
    Cross-validation fits fresh copies of the model on folds of the rows it is given. On the test part the result is no
    score of the model that was trained before: it belongs to other models that were trained on test rows, and on few of them.

    ## Example
    ```python
    from sklearn.model_selection import cross_val_score, train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(cross_val_score(model, X_test, y_test).mean())
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import cross_val_score, train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    print(cross_val_score(model, X_train, y_train).mean())
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: cross-validation, https://scikit-learn.org/stable/modules/cross_validation.html
    """

    name = "cross-validate-on-test"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every cross-validation of rows that a split has held out for testing."""
        reported: set[cst.CSTNode] = set()
        for event in ctx.model.events:
            rows = event.rows
            if event.kind != "cross-validate" or event.node in reported:
                continue
            if not rows.splits or rows.part is not Part.TEST or rows.predicted:
                continue  # predictions for the held-out parts of all folds are what a stack learns from
            reported.add(event.node)
            ctx.report(
                place_of(event),
                f"`{called(event, ctx)}` trains the model on folds of the test part instead of scoring it there",
                help="Cross-validate on the training part and score the fitted model on the test part once",
                trace=steps([*split_steps(rows), (event, "The test part is divided into folds here")]),
                confidence=confidence((rows,)),
            )
