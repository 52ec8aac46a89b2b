"""The rule ``fit-on-test``."""

import re

import libcst as cst

from mllint import Applicability, CallSite, Confidence, Context, Event, Fix, Part, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import LEARNING, Saw, called, data_shown, leaks, place_of, roots, trace_of
from mllint_rules.leakage._preprocessing import is_parameter, why_harmless
from mllint_rules.leakage._test_fits import is_named_train

_REFIT = LEARNING | {"learns-vocabulary"}
_MODELS = frozenset({"classifier", "regressor", "search"})
#: Statistics that say little about the values, or of which each group has its own.
_OTHERS = frozenset({"counts", "learns-edges", "grouped"})


class FitOnTest(Rule):
    """A transformer is fitted on the test part.

    ## What it does
    Finds `fit` and `fit_transform` of transformers on the test part of a split, and on data whose name says that it
    is the test part; and means, medians and other statistics of the test part that go into its features, as in
    `test["age"].fillna(test["age"].mean())`. Which branch of a helper runs is read off its call (`prepare(test, fit=False)`).

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
        """Report every fit of a learning transformer on a test part, and every statistic of one that reaches a model."""
        reported: set[cst.CSTNode] = set()
        for fit in ctx.model.events:
            if fit.kind != "fit" or fit.call is None or fit.node in reported or _REFIT.isdisjoint(fit.tags):
                continue
            if (
                not fit.models
                or _names_classes(fit, ctx)
                or fit.rows.part is not Part.TEST
                or (fit.tags & _MODELS and "fits-and-transforms" not in fit.call.roles)
                or self._is_told_everything(fit.call, ctx)
                or not _is_evaluated(fit, ctx)
            ):
                continue
            if is_named_train(fit.call):
                continue  # its parts were mixed up, which `swapped-split-unpacking` is about
            earlier = self._earlier_fit(fit)
            proven = bool(fit.rows.splits)
            if not proven and earlier is None:
                continue
            reported.add(fit.node)
            splits = sorted(fit.rows.splits, key=lambda event: event.number)
            trace = [(place_of(split), "The test part is split off here") for split in splits][:1]
            if earlier is not None:
                trace.append((place_of(earlier), "Fitted on the training part here"))
            trace.append((place_of(fit), "Fitted again, on the test part, here"))
            ctx.report(
                fit.call,
                f"`{called(fit, ctx)}` learns from the test part instead of using what it learned in training",
                help=_KEEP_ENCODER if "learns-vocabulary" in fit.tags and not fit.tags & LEARNING else _KEEP,
                trace=trace,
                fix=self._fix(fit.call, ctx) if earlier is not None else None,
                confidence=None if proven else Confidence.MEDIUM,
            )
        for leak in leaks(ctx):
            cause = leak.cause
            if cause.node in reported or cause.kind != "statistic" or cause.tags & _OTHERS:
                continue
            if is_parameter(cause, ctx) or not leak.sure:
                continue
            if leak.through is not None and leak.through.kind != "apply":
                continue  # training rows that are like those to predict are chosen: no feature depends on it
            if not cause.rows.splits and cause.rows.part not in (Part.TEST, Part.VALIDATION):
                continue  # other rows, perhaps those of the past that a forecast begins with
            if leak.saw is Saw.TEST and cause.certain:  # what code nobody has seen gives may be a single picture
                reported.add(cause.node)
                harmless = why_harmless(leak, ctx)
                ctx.report(
                    place_of(cause),
                    f"`{called(cause, ctx)}` is computed over {data_shown(cause, ctx)}, the rows that the model is tested on"
                    + (f"; {harmless}" if harmless is not None else ""),
                    help="Use the statistic of the training part for both parts",
                    trace=trace_of(leak, ctx),
                    severity=Severity.INFO if harmless is not None else None,
                    confidence=Confidence.MEDIUM,
                )

    @staticmethod
    def _is_told_everything(call: CallSite, ctx: Context) -> bool:
        """Tell whether the transformer is an encoder that was given its categories, so that it learns none."""
        receiver = call.receiver
        made = ctx.model.assigned_value(receiver) if receiver is not None else None
        for node in (receiver, made):
            if isinstance(node, cst.Call):
                categories = ctx.model.call(node).argument("categories")
                return categories.unknown or (
                    categories.value is not None and ctx.model.literal(categories.value) != "auto"
                )
        return False

    @staticmethod
    def _earlier_fit(fit: Event) -> Event | None:
        """Return the fit on the training part that the same object had just before, if every way leads through one."""
        fits = [event for event in fit.earlier if event.kind == "fit" and event is not fit]
        return fits[0] if len(fits) == 1 and fits[0].rows.part is Part.TRAIN else None

    @staticmethod
    def _fix(call: CallSite, ctx: Context) -> Fix | None:
        if call.last_name != "fit_transform" or not isinstance(call.receiver, (cst.Name, cst.Attribute)):
            return None
        if len(call.node.args) != 1:
            return None
        return Fix(
            "Replace `fit_transform` with `transform`",
            [ctx.fix.rename_callee(call.node, "transform")],
            Applicability.UNSAFE,
        )


_KEEP = "Keep the one that was fitted on the training part, and call its `transform` on the test part"
_KEEP_ENCODER = (
    f"{_KEEP}; where it may hold other values, `OrdinalEncoder` and `OneHotEncoder` take them with `handle_unknown`"
)


def _is_evaluated(fit: Event, ctx: Context) -> bool:
    """Tell whether a model is applied to what came of a fit, or the unit applies none at all: not if it is only drawn."""
    for split in ctx.model.events:
        if split.kind == "split" and split.number > fit.number and fit in split.rows.reached_by:
            return False  # the rows are divided once more: they are the data of another task
    applied = [
        event for event in ctx.model.events if event.kind in ("predict", "score", "cross-validate") and event.data
    ]
    return not applied or any(
        fit is event or fit in roots(event) for each in applied for event, _ in each.rows.influences()
    )


def _names_classes(fit: Event, ctx: Context) -> bool:
    """Tell whether an encoder numbers the classes of the target, which every part has all of: no features come of it."""
    call = fit.call
    if call is None or not call.positional or fit.tags & LEARNING:
        return False
    if _TARGET_NAME.search(ctx.model.text(call.positional[0].value)) is not None:
        return True
    used = (event for event in ctx.model.events if event.kind in ("fit", "predict", "score") and event is not fit)
    return not any(fit is reached for event in used for reached, _ in event.rows.influences())


_TARGET_NAME = re.compile(r"(?i)^y(?:_|\d|\b)|label|target|class|outcome")
