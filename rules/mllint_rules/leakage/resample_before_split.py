"""The rule ``resample-before-split``."""

from mllint import Applicability, Confidence, Context, Event, Part, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._swap import swap


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

    ## Fix safety
    Where `X_res, y_res = sampler.fit_resample(X, y)` is directly followed by `train_test_split(X_res, y_res)`, and the
    resampled rows are used nowhere else, the fix swaps the two: it splits first and resamples the training part. It is
    unsafe because it is meant to change results.

    ## References
    - imbalanced-learn: Common pitfalls, https://imbalanced-learn.org/stable/common_pitfalls.html
    """

    name = "resample-before-split"
    category = "leakage"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    sources = {"ml-leakproof": "S003", "mlguard-lint": "MLG004"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every resampling of rows that are split or divided into folds afterwards."""
        reported: set[Event] = set()
        for split in ctx.model.events:
            divides = split.kind in ("split", "cross-validate") or (split.kind == "fit" and "search" in split.tags)
            if not divides or (split.kind == "split" and not _is_used(split, ctx)):
                continue
            found = {event for value in split.data for event, _ in value.influences() if _resamples(event)}
            for resampling in sorted(found, key=lambda event: event.number):
                if resampling in reported or resampling.rows.part is Part.TEST:
                    continue
                reported.add(resampling)
                in_folds = split.kind != "split"
                divided = "divided into folds" if in_folds else "split into train and test"
                help = _IN_FOLDS if in_folds else "Split first and resample the training part only"
                ctx.report(
                    place_of(resampling),
                    f"`{called(resampling, ctx)}` resamples the rows before they are {divided}",
                    help=help,
                    trace=[
                        (place_of(resampling), "Resampled here"),
                        (place_of(split), f"The resampled rows are {divided} here"),
                    ],
                    fix=swap(resampling, split, ctx),
                    confidence=None if resampling.certain and split.certain else Confidence.MEDIUM,
                )


_IN_FOLDS = (
    "Put the sampler into a pipeline of imbalanced-learn with the model, so that only training folds are resampled"
)


def _is_used(split: Event, ctx: Context) -> bool:
    """Tell whether a model is trained or applied to one of the parts, or what becomes of them cannot be seen."""
    works = [event for event in ctx.model.events if event.kind in ("fit", "predict", "score")]
    return not works or any(split in value.splits for event in works for value in event.data)


def _resamples(event: Event) -> bool:
    """Tell whether an event draws rows again or makes some up; augmented copies have a rule of their own."""
    return event.kind == "resample" and "augments" not in event.tags
