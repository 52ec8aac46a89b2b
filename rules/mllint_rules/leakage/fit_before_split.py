"""The rule ``fit-before-split``."""

import re

import libcst as cst

from mllint import Applicability, Context, Event, Rule, on_unit
from mllint_rules.leakage._evaluations import called, data_shown, reaches_features
from mllint_rules.leakage._preprocessing import divided, leaks_before_split, report
from mllint_rules.leakage._rewrites import split_first


class FitBeforeSplit(Rule):
    """A transformer is fitted on all rows before they are split into train and test parts.

    ## What it does
    Follows data from a fit (`StandardScaler().fit_transform(X)`, `SimpleImputer`, `PCA`, `TfidfVectorizer` …) to a model
    that is trained on one part of the rows and evaluated on another, through statements, notebook cells, functions and
    classes. It also finds the fitted state that is used after the split, and a fit on training and test rows put
    together. Transformers that learn nothing from the rows, such as `Normalizer` or `HashingVectorizer`, and encoders
    that only list categories are left alone, and so is a fit whose result no evaluated model sees.

    ## Why is this bad
    The transformer learns means, ranges, components or a vocabulary from rows that later serve as the test set, so the
    model is evaluated on data it has seen a part of. The score is too good, and the loss shows only in production.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X_scaled = StandardScaler().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(X_scaled, y, random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)
    model.fit(scaler.transform(X_train), y_train)
    print(model.score(scaler.transform(X_test), y_test))
    ```

    Or put the transformer and the model into one `Pipeline`, which is fitted on the training part only.

    ## Fix safety
    Where `X_new = transformer.fit_transform(X)` and the split of `X_new` stand in one block of code, and nothing else
    uses `X_new`, the fix splits `X`, fits the transformer on the training part and transforms the test part. It is unsafe
    because it is meant to change results. Where something else uses `X_new` too, the code is only shown.

    ## References
    - scikit-learn: Data leakage during pre-processing,
      https://scikit-learn.org/stable/common_pitfalls.html#data-leakage-during-pre-processing
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.2
    """

    name = "fit-before-split"
    category = "leakage"
    fixes = (Applicability.UNSAFE, Applicability.DISPLAY)
    sources = {"ml-leakproof": "S001", "waldean": "leakage-fit-before-split", "mlguard-lint": "MLG001"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit of a transformer that saw rows which a model is evaluated on."""
        for leak in leaks_before_split(ctx):
            cause = leak.cause
            if cause.kind != "fit" or cause.tags & _OTHERS or leak.evaluation.on_folds or not _learns(cause, ctx):
                continue
            if (leak.through is not None and leak.through.kind == "select-rows") or not reaches_features(leak):
                continue
            if "supervised" in cause.tags and "reduces-dimensions" not in cause.tags:
                continue
            report(
                leak,
                ctx,
                f"`{called(cause, ctx)}` learns from all rows of {data_shown(cause, ctx)}{divided(leak)}",
                "Split first and fit on the training part only, or put the transformer into a `Pipeline` with the model",
                fix=split_first,
            )


def _learns(fit: Event, ctx: Context) -> bool:
    """Tell whether a fit takes more from the rows than categories; transformers nobody knows do, but for encoders."""
    if fit.tags:
        return bool(fit.tags & _LEARNS)
    if fit.call is None or fit.call.last_name != "fit_transform":
        return False
    receiver = fit.call.receiver
    if isinstance(receiver, cst.Name) and _ENCODER.search(receiver.value):
        return False
    made = ctx.model.assigned_value(receiver) if isinstance(receiver, cst.Name) else receiver
    return not (isinstance(made, cst.Call) and ctx.model.call(made).last_name.endswith(("Encoder", "Binarizer")))


_ENCODER = re.compile(r"(?i)enc|^(?:o_?h_?e|le|oe|lb)(?:_|\d|$)|binari[sz]er")
_LEARNS = frozenset({"learns-statistics", "reduces-dimensions", "regressor", "classifier"})
#: Fits that other rules are about.
_OTHERS = frozenset({"selects-features", "clusterer", "learns-edges", "stateless"})
