"""The rule ``fit-on-test``."""

import libcst as cst

from mllint import Applicability, Confidence, Context, Event, Fix, Part, Rule, on_unit
from mllint_rules.leakage._learning import LEARNING, called

_REFIT = LEARNING | {"learns-vocabulary"}


class FitOnTest(Rule):
    """A transformer is fitted on the test part.

    ## What it does
    Finds `fit` and `fit_transform` of transformers on the test part of a split, and on data whose name says that it
    is the test part.

    ## Why is this bad
    The test part is then scaled, filled or encoded by its own statistics and not by those the model was trained
    with: the same input gets different features in training and in testing, codes of categories may not match, and a
    single row in production has no statistics of its own. The score says little about the model that will be used.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X_train, X_test = train_test_split(X, random_state=0)
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.fit_transform(X_test)
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X_train, X_test = train_test_split(X, random_state=0)
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.transform(X_test)
    ```

    ## Fix safety
    Replacing `fit_transform` by `transform` is offered only where the same object was fitted on the training part
    before. It is unsafe because it is meant to change results.

    ## References
    - scikit-learn: Inconsistent preprocessing,
      https://scikit-learn.org/stable/common_pitfalls.html#inconsistent-preprocessing
    """

    name = "fit-on-test"
    category = "leakage"
    fixes = (Applicability.UNSAFE,)
    sources = {"mlguard-lint": "MLG016"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit of a learning transformer on a test part."""
        for fit in ctx.model.events:
            if fit.kind != "fit" or fit.estimator is None or _REFIT.isdisjoint(fit.estimator.tags):
                continue
            if not fit.data or fit.data[0].part is not Part.TEST or self._is_told_everything(fit, ctx):
                continue
            earlier = self._earlier_fit(fit, ctx)
            proven = bool(fit.data[0].splits)
            if not proven and earlier is None:
                continue
            trace = [(split.call, "The test part is split off here") for split in fit.data[0].splits][:1]
            if earlier is not None:
                trace.append((earlier.call, "Fitted on the training part here"))
            trace.append((fit.call, "Fitted again, on the test part, here"))
            ctx.report(
                fit.call,
                f"`{called(fit.call, ctx)}` learns from the test part instead of using what it learned in training",
                help="Call `transform` on the test part",
                trace=trace,
                fix=self._fix(fit, ctx) if earlier is not None else None,
                confidence=None if proven else Confidence.MEDIUM,
            )

    @staticmethod
    def _is_told_everything(fit: Event, ctx: Context) -> bool:
        """Tell whether the transformer is an encoder that was given its categories, so that it learns none."""
        receiver = fit.call.receiver
        made = ctx.model.assigned_value(receiver) if receiver is not None else None
        for node in (receiver, made):
            if isinstance(node, cst.Call):
                categories = ctx.model.call(node).argument("categories")
                return categories.unknown or (
                    categories.value is not None and ctx.model.literal(categories.value) != "auto"
                )
        return False

    @staticmethod
    def _earlier_fit(fit: Event, ctx: Context) -> Event | None:
        """Return the fit on the training part that the same object had just before, if every way leads through one."""
        assert fit.estimator is not None
        fits = [event for event in fit.estimator.events if event.kind == "fit"]
        if len(fits) == 1 and fits[0].data and fits[0].data[0].part is Part.TRAIN:
            return fits[0]
        return None

    @staticmethod
    def _fix(fit: Event, ctx: Context) -> Fix | None:
        call = fit.call
        if call.last_name != "fit_transform" or not isinstance(call.receiver, (cst.Name, cst.Attribute)):
            return None
        if len(call.node.args) != 1:
            return None
        return Fix(
            "Replace `fit_transform` with `transform`",
            [ctx.fix.rename_callee(call.node, "transform")],
            Applicability.UNSAFE,
        )
