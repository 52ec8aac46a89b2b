"""The rule ``resample-before-split``."""

from mllint import Confidence, Context, Event, Rule, Severity, on_unit
from mllint_rules.leakage._learning import called, saw_everything


class ResampleBeforeSplit(Rule):
    """Rows are resampled before they are split, so copies of one row can land on both sides.

    ## What it does
    Follows data from a sampler (`SMOTE().fit_resample(X, y)`, `RandomOverSampler`, `RandomUnderSampler`,
    `sklearn.utils.resample` …) to a later split or cross-validation of the same rows.

    ## Why is this bad
    Over-sampling copies rows or makes new ones between neighbours: after the split the test part holds rows that the
    model has seen, or mixtures of them. Under-sampling changes the share of the classes in the test part. Either way
    the score does not say how the model does on real data.

    ## Example
    ```python
    from imblearn.over_sampling import SMOTE
    from sklearn.model_selection import train_test_split

    X_balanced, y_balanced = SMOTE(random_state=0).fit_resample(X, y)
    X_train, X_test, y_train, y_test = train_test_split(X_balanced, y_balanced, random_state=0)
    ```

    ## Use instead
    ```python
    from imblearn.over_sampling import SMOTE
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    X_train, y_train = SMOTE(random_state=0).fit_resample(X_train, y_train)
    ```

    For cross-validation put the sampler into `imblearn.pipeline.Pipeline`, which resamples the training folds only.

    ## References
    - imbalanced-learn: Common pitfalls, https://imbalanced-learn.org/stable/common_pitfalls.html
    """

    name = "resample-before-split"
    category = "leakage"
    severity = Severity.ERROR
    sources = {"ml-leakproof": "S003", "mlguard-lint": "MLG004"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every resampling of whole data whose result is split."""
        reported: set[Event] = set()
        for split in ctx.model.events:
            if split.kind != "split":
                continue
            found = {event for value in split.data for event in value.events if event.kind == "resample"}
            for resampling in sorted(found, key=lambda event: ctx.model.order(event.node)):
                if resampling in reported or not saw_everything(resampling):
                    continue
                reported.add(resampling)
                ctx.report(
                    resampling.call,
                    f"`{called(resampling.call, ctx)}` resamples the rows before they are split into train and test",
                    help="Split first and resample the training part only",
                    trace=[(resampling.call, "Resampled here"), (split.call, "The resampled rows are split here")],
                    confidence=None if resampling.certain and split.certain else Confidence.MEDIUM,
                )
