"""The rule ``bin-before-split``."""

from mllint_rules.leakage._evaluations import Leak
from mllint_rules.leakage._preprocessing import AuditBeforeSplit


class BinBeforeSplit(AuditBeforeSplit):
    """Edges of bins are taken from all rows before they are split.

    ## What it does
    Finds `pd.qcut`, `pd.cut` with a number of bins and `KBinsDiscretizer` that see rows which are held out for testing.
    `pd.cut` with edges that are written down is left alone.

    ## Why is this bad
    Which bin a row falls into depends on the rows held out for testing. The effect is small with many rows.

    ## Example
    ```python
    import pandas as pd
    from sklearn.model_selection import train_test_split

    X["age_group"] = pd.qcut(X["age"], 4, labels=False)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    X_train["age_group"], edges = pd.qcut(X_train["age"], 4, labels=False, retbins=True)
    X_test["age_group"] = pd.cut(X_test["age"], edges, labels=False)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "bin-before-split"
    what = "takes the edges of its bins from all rows, also those held out for testing"
    advice = "Take the edges from the training part and use them for both parts"

    def concerns(self, leak: Leak) -> bool:
        """Tell whether edges of bins were learned."""
        return "learns-edges" in leak.cause.tags
