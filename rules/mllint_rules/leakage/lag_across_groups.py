"""The rule ``lag-across-groups``."""

from __future__ import annotations

import libcst as cst

from mllint import Context, Event, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import place_of, shown
from mllint_rules.leakage._time import TIME_NAME, Reach, confidence, into, is_lag, reaching_features, trace


class LagAcrossGroups(Rule):
    """A lag or a moving window runs from one group of rows into the next.

    ## What it does
    Finds `shift(1)`, `diff()`, `rolling(7)` and the like over a table that holds several series one below the other (it
    is sorted by an id and then by time, or other lags of it are taken by group), without `groupby`, where the result
    becomes a feature of a model that is evaluated.

    ## Why is this bad
    The first rows of every group get values of the last rows of the group before: of another shop, patient or stock,
    and of a later time.

    ## Example
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    sales = pd.read_csv("sales.csv").sort_values(["store", "date"])
    sales["yesterday"] = sales["sold"].shift(1)
    train, test = sales[sales["date"] < "2023"], sales[sales["date"] >= "2023"]
    model = Ridge().fit(train[["yesterday", "price"]], train["sold"])
    print(model.score(test[["yesterday", "price"]], test["sold"]))
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.linear_model import Ridge

    sales = pd.read_csv("sales.csv").sort_values(["store", "date"])
    sales["yesterday"] = sales.groupby("store")["sold"].shift(1)
    train, test = sales[sales["date"] < "2023"], sales[sales["date"] >= "2023"]
    model = Ridge().fit(train[["yesterday", "price"]], train["sold"])
    print(model.score(test[["yesterday", "price"]], test["sold"]))
    ```

    ## References
    - pandas: group by, transformation, https://pandas.pydata.org/docs/user_guide/groupby.html#transformation
    """

    name = "lag-across-groups"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every lag over several series that reached the features of an evaluated model."""

        def wanted(reach: Reach) -> bool:
            return is_lag(reach.event) and not _is_by_group(reach.event, ctx)

        for reach in reaching_features(ctx, "look-back", wanted):
            event = reach.event
            panel = _panel(event, ctx)
            if panel is None:
                continue
            entity, evidence = panel
            if _handles_boundary(event, entity, ctx):
                continue
            ctx.report(
                place_of(event),
                f"{shown(event.node, ctx, 'This lag')} runs from one `{entity}` into the next in {into(reach)}",
                help=f'Take it by group: `groupby("{entity}")`',
                trace=[
                    (place_of(evidence), f"Rows of one `{entity}` are together"),
                    *trace(reach, "The lag is taken here"),
                ],
                confidence=confidence(reach),
            )


def _is_by_group(event: Event, ctx: Context) -> bool:
    """Tell whether a lag is taken of each group, of one group alone, or of a column of its own for each group."""
    held = event.rows
    if any("groups" in ctx.knowledge.tags(ctx.model.call(call).receiver_kind or "") for call in event.calls):
        return True  # in a function that is applied to each group
    if "per-group" in event.tags or held.grouped or not held.columns.known:
        return True
    return any(rows.is_piece for rows in held.rows)


def _panel(event: Event, ctx: Context) -> tuple[str, Event] | None:
    """Return the column whose values divide the rows into several series, and what shows it."""
    held = event.rows
    for other in sorted(held.reached_by, key=lambda each: each.number):
        entity = _sorted_by(other) if other.kind == "time-order" else None
        if entity is not None and not _has_one(event, entity):
            return entity, other
    for other in ctx.model.events:
        if is_lag(other) and ("per-group" in other.tags or other.rows.grouped) and other.rows.sources & held.sources:
            entity = _grouped_by(other, ctx)
            if entity is not None and not _has_one(event, entity):
                return entity, other
    return None


def _sorted_by(event: Event) -> str | None:
    """Return the column by which rows are sorted before the time."""
    call = event.call
    by = call.literal("by", 0) if call is not None else None
    if not isinstance(by, list) or len(by) < 2 or not all(isinstance(name, str) for name in by):
        return None
    first: str = by[0]
    if TIME_NAME.search(first) or not any(TIME_NAME.search(name) for name in by[1:]):
        return None
    return first


def _grouped_by(event: Event, ctx: Context) -> str | None:
    """Return the column by which a lag is taken of each group."""
    for node in ctx.model.descendants(event.node):
        if isinstance(node, cst.Call) and ctx.model.call(node).last_name == "groupby":
            by = ctx.model.call(node).literal("by", 0)
            if isinstance(by, list) and len(by) == 1:
                by = by[0]
            return by if isinstance(by, str) and not TIME_NAME.search(by) else None
    return None


def _has_one(event: Event, entity: str) -> bool:
    """Tell whether rows of one group alone were selected: ``frame[frame["store"] == 3]``."""
    return any(
        isinstance(step.key, tuple) and step.key[0] == "mask" and entity in str(step.key[1:]) and "==" in step.key
        for rows in event.rows.rows
        for step in rows.path
    )


def _handles_boundary(event: Event, entity: str, ctx: Context) -> bool:
    """Tell whether the program finds where one group ends: it compares the column with its own shift."""
    return any(
        is_lag(other) and other.rows.columns.only == frozenset([entity]) and other.rows.sources & event.rows.sources
        for other in ctx.model.events
    )
