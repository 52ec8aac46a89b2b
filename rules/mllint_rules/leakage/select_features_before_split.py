"""The rule ``select-features-before-split``."""

from mllint import Applicability, Context, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import Leak, called, data_shown
from mllint_rules.leakage._preprocessing import leaks_before_split, report, target_columns
from mllint_rules.leakage._rewrites import split_first


class SelectFeaturesBeforeSplit(Rule):
    """Features are selected with rows that are held out for testing.

    ## What it does
    Finds feature selectors (`SelectKBest`, `RFE`, `SelectFromModel`, `VarianceThreshold` …) that are fitted on all rows
    before the split, whether their result is used or only what they have learned (`get_support()`, `scores_`), and
    columns that are chosen by the importances or coefficients of a model that was trained on all rows.

    ## Why is this bad
    Features that happen to go with the target in the test rows are kept, so they also do so in the test. With many
    features and few rows the score of a model that knows nothing can look excellent.

    ## Example
    ```python
    from sklearn.feature_selection import SelectKBest
    from sklearn.model_selection import train_test_split

    X_best = SelectKBest(k=20).fit_transform(X, y)
    X_train, X_test, y_train, y_test = train_test_split(X_best, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.feature_selection import SelectKBest
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    pipeline = make_pipeline(SelectKBest(k=20), model)
    pipeline.fit(X_train, y_train)
    print(pipeline.score(X_test, y_test))
    ```

    ## Fix safety
    Where `X_new = transformer.fit_transform(X)` and the split of `X_new` stand in one block of code, and nothing else
    uses `X_new`, the fix splits `X`, fits the transformer on the training part and transforms the test part. It is unsafe
    because it is meant to change results. Where something else uses `X_new` too, the code is only shown.

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.3
    """

    name = "select-features-before-split"
    category = "leakage"
    fixes = (Applicability.UNSAFE, Applicability.DISPLAY)

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit that features are chosen by and that saw rows which a model is evaluated on."""
        for leak in leaks_before_split(ctx):
            cause, through = leak.cause, leak.through
            chosen = through is not None and through.kind == "select-columns"
            if chosen and cause.call is not None and cause.call.last_name in _RELATES:
                assert through is not None
                report(
                    leak,
                    ctx,
                    f"The columns are chosen by `{called(cause, ctx)}` over all rows, also those held out for testing",
                    "Split first and choose them by the training part only",
                    place=through,
                    severity=Severity.ERROR if cause.rows.columns.holds(_target(leak)) else None,
                )
                continue
            selects = "selects-features" in cause.tags or (chosen and cause.trains_model and bool(cause.tags))
            if cause.kind != "fit" or not selects or leak.evaluation.on_folds:
                continue
            report(
                leak,
                ctx,
                f"`{called(cause, ctx)}` selects features by all rows of {data_shown(cause, ctx)}, "
                "also those held out for testing",
                "Split first and select by the training part only, or put the selector into a `Pipeline` with the model",
                severity=Severity.ERROR if "supervised" in cause.tags or cause.trains_model else None,
                fix=split_first,
            )


def _target(leak: Leak) -> str:
    """Return the column that the model learns to predict, empty if it is not known."""
    names = target_columns(leak)
    return next(iter(names)) if len(names) == 1 else ""


#: Statistics that columns are chosen by: how they vary, and how they go with the target.
_RELATES = frozenset(
    {
        *("corr", "corrwith", "corrcoef", "cov", "std", "var", "nanstd", "nanvar"),
        *(
            "pearsonr",
            "spearmanr",
            "kendalltau",
            "pointbiserialr",
            "ttest_ind",
            "chi2_contingency",
            "ks_2samp",
            "f_oneway",
        ),
        *("f_classif", "f_regression", "chi2", "r_regression", "mutual_info_classif", "mutual_info_regression"),
    }
)
