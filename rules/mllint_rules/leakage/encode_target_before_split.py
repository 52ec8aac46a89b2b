"""The rule ``encode-target-before-split``."""

from mllint import Applicability, Context, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called
from mllint_rules.leakage._preprocessing import leaks_before_split, report, target_columns
from mllint_rules.leakage._rewrites import split_first


class EncodeTargetBeforeSplit(Rule):
    """Categories are encoded by the target of rows that are held out for testing.

    ## What it does
    Finds encoders that use the target (`TargetEncoder` of category_encoders, `WOEEncoder`, `LeaveOneOutEncoder` …) and are
    fitted on all rows before the split, and means of the target by group (`df.groupby("city")["price"].transform("mean")`)
    that become features. `sklearn.preprocessing.TargetEncoder` inside a pipeline is right.

    ## Why is this bad
    The encoded feature holds the answers of the test rows: for rare categories it is the answer itself. The model relies
    on the feature and fails where the answer is not known.

    ## Example
    ```python
    from category_encoders import TargetEncoder
    from sklearn.model_selection import train_test_split

    X_encoded = TargetEncoder().fit_transform(X, y)
    X_train, X_test, y_train, y_test = train_test_split(X_encoded, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from category_encoders import TargetEncoder
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    encoder = TargetEncoder().fit(X_train, y_train)
    model.fit(encoder.transform(X_train), y_train)
    print(model.score(encoder.transform(X_test), y_test))
    ```

    ## Fix safety
    Where `X_new = transformer.fit_transform(X)` and the split of `X_new` stand in one block of code, and nothing else
    uses `X_new`, the fix splits `X`, fits the transformer on the training part and transforms the test part. It is unsafe
    because it is meant to change results. Where something else uses `X_new` too, the code is only shown.

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "encode-target-before-split"
    category = "leakage"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE, Applicability.DISPLAY)

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every encoding by the target that saw rows which a model is evaluated on."""
        for leak in leaks_before_split(ctx):
            cause = leak.cause
            if leak.evaluation.on_folds and cause.kind == "fit":
                continue
            if cause.kind == "fit":
                encodes = "supervised" in cause.tags and not cause.tags & _OTHERS
            else:
                encodes = (
                    "grouped" in cause.tags
                    and "counts" not in cause.tags  # how many rows a group has does not depend on their answers
                    and not target_columns(leak).isdisjoint(cause.rows.computed_from)
                )
            if encodes:
                report(
                    leak,
                    ctx,
                    f"`{called(cause, ctx)}` uses the target of all rows, also of those held out for testing",
                    "Split first and encode by the training part only, or put the encoder into a `Pipeline` with the model",
                    fix=split_first,
                )


#: Supervised transformers that encode nothing.
_OTHERS = frozenset({"selects-features", "reduces-dimensions", "classifier", "regressor"})
