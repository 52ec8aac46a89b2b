"""The rule ``early-stop-on-test``."""

import libcst as cst

from mllint import Context, Rule, Severity, on_unit
from mllint_rules.leakage._decisions import Choice, decisions, trace_of
from mllint_rules.leakage._evaluations import place_of
from mllint_rules.leakage._test_fits import watched_tests


class EarlyStopOnTest(Rule):
    """Training is stopped, or a checkpoint kept, by the score on the test set.

    ## What it does
    Finds fits that are given the test rows to watch (`validation_data`, `eval_set`, `valid_sets`) and keep the best
    round by them (`EarlyStopping`, `ModelCheckpoint(save_best_only=True)`, `early_stopping_rounds`,
    `use_best_model` …), where the same rows are scored afterwards. It finds training loops that keep a model because it
    did better on the test rows than before, too. Where further rows stay untouched until the end, the watched ones are
    a validation set whatever they are called, and nothing is reported.

    ## Why is this bad
    The number of rounds is a setting like any other: chosen by the test rows, it fits them, and the score on them is
    too good.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split
    from xgboost import XGBClassifier

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = XGBClassifier(early_stopping_rounds=20)
    model.fit(X_train, y_train, eval_set=[(X_test, y_test)])
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split
    from xgboost import XGBClassifier

    X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=0)
    X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, random_state=0)
    model = XGBClassifier(early_stopping_rounds=20)
    model.fit(X_train, y_train, eval_set=[(X_val, y_val)])
    print(model.score(X_test, y_test))
    ```

    ## References
    - XGBoost: Early stopping, https://xgboost.readthedocs.io/en/stable/python/python_intro.html#early-stopping
    - Keras: EarlyStopping, https://keras.io/api/callbacks/early_stopping/
    """

    name = "early-stop-on-test"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit whose rounds are chosen by the test rows."""
        reported: set[cst.CSTNode] = set()
        for watched in watched_tests(ctx):
            if watched.fit.selects and watched.fit.node not in reported and "search" not in watched.fit.tags:
                reported.add(watched.fit.node)
                ctx.report(
                    watched.place,
                    "How long it is trained is decided by the rows that are the test set later, which makes the score too good",
                    help="Hold out a validation part of the training rows for it",
                    trace=watched.trace,
                    confidence=watched.confidence,
                )
        for decision in decisions(ctx):
            if decision.choice is Choice.ROUNDS and decision.decided is not None:
                ctx.report(
                    place_of(decision.decided),
                    "The model is kept for its score on the test set, which then cannot tell how good it is"
                    if isinstance(decision.decided.node, cst.Comparison)
                    else "The best round is picked by its score on the test set, so that the score of it is too good",
                    help="Hold out a validation part of the training rows for it",
                    trace=trace_of(decision),
                    confidence=decision.confidence,
                )
