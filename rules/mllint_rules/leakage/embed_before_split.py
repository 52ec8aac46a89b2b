"""The rule ``embed-before-split``."""

from mllint_rules.leakage._evaluations import Leak
from mllint_rules.leakage._preprocessing import AuditBeforeSplit


class EmbedBeforeSplit(AuditBeforeSplit):
    """A language or embedding model is trained further on all texts before they are split.

    ## What it does
    Finds a neural model (a sentence transformer, a masked language model) that is fine-tuned on all rows, where its
    embeddings then become the features of a model that is evaluated on a part of the same rows. A pretrained model that
    only encodes is left alone.

    ## Why is this bad
    The embedding model has seen the test texts, with their labels if it was fine-tuned on them, so the score of the
    second model is too good.

    ## Example
    ```python
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from torch.utils.data import DataLoader

    encoder = SentenceTransformer("all-MiniLM-L6-v2")
    encoder.fit(train_objectives=[(DataLoader(texts, batch_size=16), loss)])
    X_train, X_test, y_train, y_test = train_test_split(encoder.encode(texts), labels, random_state=0)
    model = LogisticRegression().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from torch.utils.data import DataLoader

    texts_train, texts_test, y_train, y_test = train_test_split(texts, labels, random_state=0)
    encoder = SentenceTransformer("all-MiniLM-L6-v2")
    encoder.fit(train_objectives=[(DataLoader(texts_train, batch_size=16), loss)])
    model = LogisticRegression().fit(encoder.encode(texts_train), y_train)
    print(model.score(encoder.encode(texts_test), y_test))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "embed-before-split"
    what = "trains the embedding on all rows, also those held out for testing"
    advice = "Split first and train it on the training part only, or use the pretrained model as it is"

    def concerns(self, leak: Leak) -> bool:
        """Tell whether an embedding model was trained; what learns to predict a target is stacked, and none."""
        cause = leak.cause
        if cause.kind != "fit" or "module" not in cause.tags or not _LISTS.isdisjoint(cause.tags):
            return False
        return not (cause.models & leak.evaluation.fit.models or cause.target.rows)


#: Layers that learn a vocabulary or statistics, for which there are other rules.
_LISTS = frozenset({"learns-vocabulary", "learns-statistics"})
