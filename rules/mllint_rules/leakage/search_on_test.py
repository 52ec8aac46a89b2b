"""The rule ``search-on-test``."""

import libcst as cst

from mllint import Confidence, Context, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._test_fits import searches_on_test, watched_tests


class SearchOnTest(Rule):
    """A search over hyper-parameters or models saw the rows that the result is tested on.

    ## What it does
    Finds searches (`GridSearchCV`, `RandomizedSearchCV`, Keras Tuner …) that were fitted on all rows or on the test
    part, where what they found is then scored on held-out rows among these: the search itself, or a model that is
    built from its `best_params_`. It also finds models that were compared by cross-validation over all rows and the
    chosen of which is "tested" on a split of the same rows. A search on the training part, and one without any test
    are left alone.

    ## Why is this bad
    The folds of the search held the test rows: the settings, or the refitted model itself, were chosen by them. The
    score on the test part is too good.

    ## Example
    ```python
    from sklearn.model_selection import GridSearchCV, train_test_split
    from sklearn.svm import SVC

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    search = GridSearchCV(SVC(), {"C": [0.1, 1, 10]})
    search.fit(X, y)
    print(search.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import GridSearchCV, train_test_split
    from sklearn.svm import SVC

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    search = GridSearchCV(SVC(), {"C": [0.1, 1, 10]})
    search.fit(X_train, y_train)
    print(search.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Tuning the hyper-parameters of an estimator, https://scikit-learn.org/stable/modules/grid_search.html
    """

    name = "search-on-test"
    category = "leakage"
    severity = Severity.ERROR
    sources = {"ml-leakproof": "C004"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every search that saw rows on which its result is scored later."""
        reported: set[cst.CSTNode] = set()
        for search in searches_on_test(ctx):
            if search.event.node in reported:
                continue
            reported.add(search.event.node)
            what = "compares models on" if search.event.kind == "choose" else "searches on"
            ctx.report(
                place_of(search.event),
                f"`{called(search.event, ctx)}` {what} rows that the result is tested on",
                help="Search on the training part only, and score the result on the test set once",
                trace=search.trace,
                confidence=None if search.sure else Confidence.MEDIUM,
            )
        for watched in watched_tests(ctx):
            if watched.fit.selects and watched.fit.node not in reported and "search" in watched.fit.tags:
                reported.add(watched.fit.node)
                ctx.report(
                    watched.place,
                    f"`{called(watched.fit, ctx)}` ranks what it tries by the rows that are the test set later",
                    help="Hold out a validation part of the training rows for it",
                    trace=watched.trace,
                    confidence=watched.confidence,
                )
