"""The rule ``tune-on-test``."""

from mllint import Confidence, Context, Rule, Severity, on_unit
from mllint_rules.leakage._decisions import Choice, decisions, trace_of
from mllint_rules.leakage._trials import place_of_score


class TuneOnTest(Rule):
    """Hyper-parameters are chosen by scores on the test set.

    ## What it does
    Finds loops and comprehensions that fit a model with one setting after another and score each on the same
    held-out rows, where the best is then taken: by a line of code (`argmax`, `min`, `if score > best`), or by a model
    of the same kind with a fixed setting that is scored on the same rows later. It finds objectives of Optuna,
    Hyperopt or scikit-optimize that return a score on the test rows, too. Loops over folds, data sets, groups,
    targets or epochs, and scores on rows that are not the last ones to be tested on are left alone.

    ## Why is this bad
    Each setting that is tried on the test set learns a little from it. The best score is too good, and nothing is left
    to tell how good the tuned model is on new data.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scores = []
    for k in range(1, 20):
        model = KNeighborsClassifier(n_neighbors=k).fit(X_train, y_train)
        scores.append(model.score(X_test, y_test))
    best_score = max(scores)
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import GridSearchCV, train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": range(1, 20)})
    search.fit(X_train, y_train)
    print(search.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Tuning the hyper-parameters of an estimator, https://scikit-learn.org/stable/modules/grid_search.html
    - Yang et al., Data leakage in notebooks: static detection and better processes (2022), multi-test leakage
    """

    name = "tune-on-test"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every score on the test rows by which settings are chosen, and every search that uses one."""
        for decision in decisions(ctx):
            if decision.choice is not Choice.SETTINGS:
                continue
            ctx.report(
                place_of_score(decision.trials[0], ctx),
                "The settings are tuned on the test set, which then cannot tell how good the model is"
                if decision.decided is not None
                else "Several settings are scored on the test set, and a model with one of them is scored on it again: "
                "the score is too good if that one was chosen by them",
                help="Tune on a validation set or by cross-validation of the training part, "
                "and score the result on the test set once",
                trace=trace_of(decision),
                severity=None if decision.decided is not None else Severity.WARNING,
                confidence=decision.confidence if decision.decided is not None else Confidence.MEDIUM,
            )
