"""The rule ``categories-before-split``."""

from mllint import Severity
from mllint_rules.leakage._evaluations import LEARNING, Leak
from mllint_rules.leakage._preprocessing import AuditBeforeSplit


class CategoriesBeforeSplit(AuditBeforeSplit):
    """The list of categories is taken from all rows before they are split.

    ## What it does
    Finds encoders that only list categories (`OneHotEncoder`, `OrdinalEncoder`, `pd.get_dummies`, `factorize`) and see rows
    which are held out for testing. Encoded targets are left alone.

    ## Why is this bad
    A category that only the test rows have gets a column or a code of its own, which a new category in production does
    not. This hardly changes scores; it is for those who want the test to behave as production does.

    ## Example
    ```python
    from sklearn.preprocessing import OrdinalEncoder
    from sklearn.model_selection import train_test_split

    X = OrdinalEncoder().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.preprocessing import OrdinalEncoder
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(X_train)
    X_train, X_test = encoder.transform(X_train), encoder.transform(X_test)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "categories-before-split"
    severity = Severity.INFO
    what = "lists the categories of all rows, also of those held out for testing"
    advice = "Fit the encoder on the training part, and let it know what to do with new categories"

    def concerns(self, leak: Leak) -> bool:
        """Tell whether no more than the categories of features was learned."""
        tags = leak.cause.tags
        if leak.cause.kind != "fit" or "learns-vocabulary" not in tags or tags & LEARNING:
            return False
        return _encodes_features(leak)


def _encodes_features(leak: Leak) -> bool:
    """Tell whether the encoded rows are features: codes of the target are only names of the classes."""
    fit = leak.evaluation.fit
    encoded = leak.cause.rows.columns.only
    if encoded is not None and encoded <= fit.target.computed_from:
        return False
    return any(event is leak.cause for event, _ in fit.rows.influences())
