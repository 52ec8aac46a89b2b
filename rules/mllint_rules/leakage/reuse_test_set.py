"""The rule ``reuse-test-set``."""

import libcst as cst

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._decisions import Choice, decisions, trace_of
from mllint_rules.leakage._test_fits import watched_tests
from mllint_rules.leakage._trials import place_of_score


class ReuseTestSet(Rule):
    """Several models are scored on the same test set.

    ## What it does
    Finds scores of two or more models on the same held-out rows, loops that score one setting after another on
    them, and training that is watched on them, where no line of code takes the best: `select-model-on-test`,
    `tune-on-test` and `early-stop-on-test` tell where one does.

    ## Why is this bad
    Whoever reads the scores will go on with the best, and whoever reads a curve will stop at its best point. The test
    set has then chosen the model and cannot tell any more how good it is on new data. As a comparison it is fair, as
    an estimate of the best model it is too good.

    ## Example
    ```python
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.svm import SVC

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
    print(SVC().fit(X_train, y_train).score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score, train_test_split
    from sklearn.svm import SVC

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    print(cross_val_score(LogisticRegression(), X_train, y_train).mean())
    print(cross_val_score(SVC(), X_train, y_train).mean())
    ```

    ## References
    - Yang et al., Data leakage in notebooks: static detection and better processes (2022), multi-test leakage
    """

    name = "reuse-test-set"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the last of several scores on the same rows, and fits that are only watched on the test rows."""
        reported: set[cst.CSTNode] = set()
        for decision in decisions(ctx):
            if decision.choice is not Choice.NOTHING:
                continue
            last = decision.trials[-1]
            if last.event.node not in reported:
                reported.add(last.event.node)
                ctx.report(
                    place_of_score(last, ctx),
                    "Several models are scored on the same test set, so that the best of these scores is too good",
                    help="Compare models on a validation set or by cross-validation of the training part",
                    trace=trace_of(decision),
                    confidence=decision.confidence,
                )
        for watched in watched_tests(ctx):
            if not watched.fit.selects and watched.fit.node not in reported:
                reported.add(watched.fit.node)
                ctx.report(
                    watched.place,
                    "The training is watched on the rows that are the test set later",
                    help="Hold out a validation part of the training rows for it",
                    trace=watched.trace,
                    confidence=watched.confidence,
                )
