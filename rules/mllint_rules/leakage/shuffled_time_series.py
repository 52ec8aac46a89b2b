"""The rule ``shuffled-time-series``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from mllint import CallSite, Confidence, Context, Event, Instance, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import Evaluation, evaluations, place_of
from mllint_rules.leakage._time import is_in_order, is_lag, random_parting, trains_to_predict


class ShuffledTimeSeries(Rule):
    """Rows in the order of time are split at random, or into folds that ignore the order.

    ## What it does
    Finds random splits (`train_test_split` without `shuffle=False`, `KFold(shuffle=True)`, `ShuffleSplit`, a random
    mask) and cross-validation with ordinary folds of rows that the program itself treats as a series: it sorts them by
    date, indexes them by time, resamples them, or gives them lags and moving windows. A column that merely is a date is
    not enough.

    ## Why is this bad
    The model is trained on rows after those that it is tested on. It knows the level before and after every test row,
    and the score says nothing about how it forecasts.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    load = pd.read_csv("load.csv", index_col="time", parse_dates=True)
    load["yesterday"] = load["demand"].shift(24)
    train, test = train_test_split(load, test_size=0.2, random_state=0)
    model = Ridge().fit(train[["yesterday"]], train["demand"])
    print(model.score(test[["yesterday"]], test["demand"]))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    load = pd.read_csv("load.csv", index_col="time", parse_dates=True)
    load["yesterday"] = load["demand"].shift(24)
    train, test = train_test_split(load, test_size=0.2, shuffle=False)
    model = Ridge().fit(train[["yesterday"]], train["demand"])
    print(model.score(test[["yesterday"]], test["demand"]))
    ```

    For cross-validation use `TimeSeriesSplit`.
    ## References
    - scikit-learn: time series split,
      https://scikit-learn.org/stable/modules/cross_validation.html#time-series-split
    """

    name = "shuffled-time-series"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every split that ignores the order of rows known to be in the order of time."""
        reported: set[cst.CSTNode] = set()
        for evaluation in evaluations(ctx):
            if not trains_to_predict(evaluation.fit):
                continue
            place = _ignores_order(evaluation, ctx)
            if place is None or _node(place) in reported:
                continue
            evidence = next(_in_time(evaluation, place), None)
            if evidence is None:
                continue
            reported.add(_node(place))
            where = place_of(place) if isinstance(place, Event) else place
            lag = "They are given values of earlier rows here"
            ctx.report(
                where,
                "These rows are in the order of time, and this split trains on rows later than those it tests on",
                help="Split at a point in time (`shuffle=False`, a cut-off date) or use `TimeSeriesSplit`",
                trace=[
                    (place_of(evidence), lag if evidence.kind == "look-back" else "The rows are in the order of time"),
                    (where, "They are split regardless of it here"),
                    (place_of(evaluation.event), "The model is evaluated here"),
                ],
                confidence=None if evaluation.fit.certain and evidence.certain else Confidence.MEDIUM,
            )


def _node(place: Event | cst.CSTNode) -> cst.CSTNode:
    return place.node if isinstance(place, Event) else place


def _ignores_order(evaluation: Evaluation, ctx: Context) -> Event | cst.CSTNode | None:
    """Return where rows are divided without regard to their order."""
    if evaluation.on_folds:
        return evaluation.event if _has_plain_folds(evaluation.event, ctx) else None
    parting = random_parting(evaluation, ctx)
    if parting is None:
        return None
    return parting.key if isinstance(parting.key, Event) else parting.made


def _has_plain_folds(event: Event, ctx: Context) -> bool:
    """Tell whether the folds of a cross-validation or of a search surely take no notice of the order."""
    if not event.tags.isdisjoint(("time-aware", "group-aware")):
        return False
    calls = [event.call] if event.kind == "cross-validate" and event.call is not None else []
    makers = [instance.made for instance in event.models if "search" in instance.tags] if not calls else []
    calls += [ctx.model.call(made) for made in makers if isinstance(made, cst.Call)]
    return bool(calls) and all(_is_plain(call, event, ctx) for call in calls)


def _is_plain(call: CallSite, event: Event, ctx: Context) -> bool:
    folds = call.argument("cv")
    if folds.absent:
        return call.signature is not None and call.signature.default("cv") is not None
    if folds.value is None:
        return False
    if isinstance(ctx.model.literal(folds.value), int):
        return True
    return any("splitter" in instance.tags for instance in _all_models(event))


def _all_models(event: Event) -> Iterator[Instance]:
    for instance in event.models:
        yield instance
        yield from instance.parts


def _in_time(evaluation: Evaluation, place: Event | cst.CSTNode) -> Iterator[Event]:
    """Yield what shows that the rows are in the order of time, from before they are split."""
    held = evaluation.fit.rows
    before = place.number if isinstance(place, Event) else evaluation.fit.number
    known = [event for event, sure in held.influences() if sure] + list(evaluation.fit.target.learned)
    for event in sorted(known, key=lambda each: each.number):
        if event.number < before and (is_in_order(event) or is_lag(event)):
            yield event
