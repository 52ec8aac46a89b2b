"""The rule ``aggregate-before-split``."""

from mllint_rules.leakage._evaluations import Leak
from mllint_rules.leakage._preprocessing import AuditBeforeSplit, target_columns


class AggregateBeforeSplit(AuditBeforeSplit):
    """A feature is an aggregate by group over all rows, before they are split.

    ## What it does
    Finds aggregates by group of columns other than the target (`df.groupby("shop")["visits"].transform("mean")`) that are
    computed over all rows and become features of a model which is evaluated on some of them.

    ## Why is this bad
    The aggregate of a small group is mostly the value of the held-out row itself. How much that matters depends on what
    is known in production: an aggregate over a past period is fine, one over the test rows is not.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X["mean_visits"] = X.groupby("shop")["visits"].transform("mean")
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    means = X_train.groupby("shop")["visits"].mean()
    X_train["mean_visits"] = X_train["shop"].map(means)
    X_test["mean_visits"] = X_test["shop"].map(means)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "aggregate-before-split"
    what = "aggregates over all rows, also those held out for testing"
    advice = "Aggregate over the training part only and map the result to both parts"

    def concerns(self, leak: Leak) -> bool:
        """Tell whether an aggregate over groups makes features, of other columns than the target."""
        cause = leak.cause
        return (
            cause.kind == "statistic"
            and "grouped" in cause.tags
            and target_columns(leak).isdisjoint(cause.rows.computed_from)
            and _makes_features(leak)
            and "counts" not in cause.tags
        )


def _makes_features(leak: Leak) -> bool:
    """Tell whether the aggregate reaches the features, and not only what is to be predicted."""
    features = leak.evaluation.fit.rows
    reached = features.learned.union(
        *(events for name, events in features.columns.made.items() if name not in target_columns(leak))
    )
    return not reached.isdisjoint({leak.cause, leak.through})
