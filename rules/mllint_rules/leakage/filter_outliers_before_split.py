"""The rule ``filter-outliers-before-split``."""

from mllint_rules.leakage._evaluations import Leak
from mllint_rules.leakage._preprocessing import AuditBeforeSplit


class FilterOutliersBeforeSplit(AuditBeforeSplit):
    """Rows are dropped by a statistic of all rows before they are split.

    ## What it does
    Finds rows that are chosen by quantiles, deviations or an outlier detector which saw rows that are held out for testing.

    ## Why is this bad
    The test part no longer holds the rows that are hard to predict, so it is easier than the data in production; and
    which rows train the model depends on the held-out ones.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X = X[X["price"] < X["price"].quantile(0.99)]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    limit = X_train["price"].quantile(0.99)
    kept = X_train["price"] < limit
    X_train, y_train = X_train[kept], y_train[kept]
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "filter-outliers-before-split"
    what = "decides by all rows which are kept, also by those held out for testing"
    advice = "Split first and drop rows of the training part only"

    def concerns(self, leak: Leak) -> bool:
        """Tell whether rows are chosen by limits, or by a detector, that saw all of them."""
        cause = leak.cause
        return (
            leak.through is not None
            and leak.through.kind == "select-rows"
            and (cause.kind == "fit" or (cause.call is not None and cause.call.last_name in _LIMITS))
            and "learns-vocabulary" not in cause.tags
        )


#: Statistics that limits are made of; the last day or the largest number is none.
_LIMITS = frozenset(
    "quantile nanquantile percentile nanpercentile mean nanmean median nanmedian std nanstd var mad zscore describe".split()
)
