"""The rule ``cluster-before-split``."""

from mllint_rules.leakage._evaluations import Leak
from mllint_rules.leakage._preprocessing import AuditBeforeSplit


class ClusterBeforeSplit(AuditBeforeSplit):
    """A feature is the cluster of each row, found with rows that are held out for testing.

    ## What it does
    Finds clusterings (`KMeans().fit_predict(X)`, `labels_`) of all rows whose result becomes a feature of a model that is
    evaluated on some of them. Clustering as the task itself is left alone.

    ## Why is this bad
    The clusters are drawn with the held-out rows, so the feature knows where these lie.

    ## Example
    ```python
    from sklearn.cluster import KMeans
    from sklearn.model_selection import train_test_split

    X["segment"] = KMeans(8, random_state=0).fit_predict(X)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.cluster import KMeans
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    kmeans = KMeans(8, random_state=0).fit(X_train)
    X_train["segment"], X_test["segment"] = kmeans.predict(X_train), kmeans.predict(X_test)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "cluster-before-split"
    what = "finds clusters with all rows, also those held out for testing"
    advice = "Fit the clustering on the training part and predict the clusters of both parts"

    def concerns(self, leak: Leak) -> bool:
        """Tell whether clusters were found."""
        return leak.cause.kind == "fit" and "clusterer" in leak.cause.tags
