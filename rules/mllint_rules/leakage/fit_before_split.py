"""The rule ``fit-before-split``."""

from mllint import Confidence, Context, Event, Rule, Severity, on_unit
from mllint_rules.leakage._learning import called, learns, model_follows, saw_everything


class FitBeforeSplit(Rule):
    """A transformer is fitted on all rows before they are split into train and test parts.

    ## What it does
    Follows data from a fit (`StandardScaler().fit_transform(X)`, `SimpleImputer`, `PCA`, `SelectKBest`,
    `TfidfVectorizer` …) to a later split of the same rows into train and test parts, also where the fit and the
    transform are separate statements or notebook cells. Transformers that learn nothing from the rows, such as
    `Normalizer` or `HashingVectorizer`, and encoders that only list categories are left alone.

    ## Why is this bad
    The transformer learns means, ranges, components or a vocabulary from rows that later serve as the test set, so
    the model is evaluated on data it has seen a part of. The score is too good, and the loss shows only in
    production.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X_scaled = StandardScaler().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(X_scaled, y, random_state=0)
    model.fit(X_train, y_train)
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)
    model.fit(scaler.transform(X_train), y_train)
    ```

    Or put the transformer and the model into one `Pipeline`, which is fitted on the training part only.

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "fit-before-split"
    category = "leakage"
    severity = Severity.ERROR
    sources = {"ml-leakproof": "S001", "waldean": "leakage-fit-before-split", "mlguard-lint": "MLG001"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit on whole data whose result or fitted state reaches the parts of a split of the same rows."""
        reported: set[Event] = set()
        for event in ctx.model.events:
            if event.kind == "split":
                pairs = [(fit, event) for value in event.data for fit in value.events]
            elif event.kind == "transform" and event.estimator is not None:
                pairs = [(fit, split) for fit in event.estimator.events for split in event.data[0].splits]
            else:
                continue
            for fit, split in sorted(pairs, key=lambda pair: ctx.model.order(pair[0].node)):
                if fit not in reported and self._leaks(fit, split):
                    reported.add(fit)
                    self._report(fit, split, ctx)

    @staticmethod
    def _leaks(fit: Event, split: Event) -> bool:
        if fit.kind != "fit" or not learns(fit) or not saw_everything(fit):
            return False
        return any(not fit.data[0].sources.isdisjoint(value.sources) for value in split.data)

    @staticmethod
    def _report(fit: Event, split: Event, ctx: Context) -> None:
        sure = fit.certain and split.certain and model_follows(split, ctx)
        data = ctx.model.text(fit.call.positional[0].value) if fit.call.positional else "the data"
        shown = f"`{data}`" if len(data) <= 30 and "\n" not in data else "the data"
        later = ctx.model.order(split.node) > ctx.model.order(fit.node)
        when = "before they are split into train and test" if later else "although they are split into train and test"
        fitted = (fit.call, "Fitted on all rows here")
        divided = (split.call, "The same rows are split here")
        ctx.report(
            fit.call,
            f"`{called(fit.call, ctx)}` learns from all rows of {shown} {when}",
            help="Split first and fit on the training part only, or put the transformer into a `Pipeline` with the model",
            trace=[fitted, divided] if later else [divided, fitted],
            confidence=None if sure else Confidence.MEDIUM,
        )
