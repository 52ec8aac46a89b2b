"""The rule ``ungrouped-split``."""

import re

import libcst as cst

from mllint import CallSite, Context, Event, Rule, Tier, Value, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._overlap import confidence


class UngroupedSplit(Rule):
    """Rows of one patient, user or session can land on both sides of a split.

    ## What it does
    Finds splits and cross-validations of rows that have a column such as `patient_id`, `subject`, `user_id` or
    `session_id` by which the program groups them, where the split is given no groups.

    ## Why is this bad
    Rows of one patient resemble one another. With some of them in the training part the model recognises the patient in the
    test part, and the score does not say how it does on new ones.

    ## Example
    ```python
    import pandas as pd
    from sklearn.model_selection import train_test_split

    frame = pd.read_csv("recordings.csv")
    frame["mean"] = frame.groupby("patient_id")["tremor"].transform("mean")
    train, test = train_test_split(frame, random_state=0)
    ```

    ## Use instead
    ```python
    import pandas as pd
    from sklearn.model_selection import GroupShuffleSplit

    frame = pd.read_csv("recordings.csv")
    frame["mean"] = frame.groupby("patient_id")["tremor"].transform("mean")
    rows, others = next(GroupShuffleSplit(n_splits=1, random_state=0).split(frame, groups=frame["patient_id"]))
    train, test = frame.iloc[rows], frame.iloc[others]
    ```

    ## References
    - scikit-learn: cross-validation iterators for grouped data,
      https://scikit-learn.org/stable/modules/cross_validation.html#cross-validation-iterators-for-grouped-data
    """

    name = "ungrouped-split"
    category = "leakage"
    tier = Tier.AUDIT

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every split of rows of which several belong to one of a column's groups."""
        grouped = _grouped_sources(ctx)
        reported: set[cst.CSTNode] = set()
        for event in ctx.model.events if grouped else ():
            if event.kind not in ("split", "cross-validate") or event.node in reported or _is_told_groups(event):
                continue
            rows = event.rows
            found = next(
                (found for source, found in grouped.items() if source in rows.sources and not _is_used(found[0], rows)),
                None,
            )
            if found is None:
                continue
            column, evidence = found
            reported.add(event.node)
            ctx.report(
                place_of(event),
                f"`{called(event, ctx)}` can put rows of one `{column}` on both sides",
                help="Split by groups, for example with `GroupShuffleSplit` or `GroupKFold`",
                trace=[(evidence, f"Several rows have one `{column}`"), (place_of(event), "The rows are split here")],
                confidence=confidence((rows,)),
            )


def _grouped_sources(ctx: Context) -> dict[object, tuple[str, cst.CSTNode]]:
    """Return where rows come from that a program groups by an id or counts by it, with the column and the code."""
    found: dict[object, tuple[str, cst.CSTNode]] = {}
    for event in ctx.model.events:
        if event.kind != "statistic" or event.call is None:
            continue
        for column in _group_columns(event, ctx):
            for source in event.rows.sources:
                found.setdefault(source, (column, event.node))
    return found


def _group_columns(event: Event, ctx: Context) -> list[str]:
    """Return the id-like columns that a statistic is computed by, or whose different values it counts."""
    call = event.call
    assert call is not None
    if call.last_name in _COUNTS_VALUES:
        return sorted(name for name in event.rows.computed_from if _GROUP.match(name))
    if "grouped" not in event.tags or call.receiver is None:
        return []
    for node in (call.receiver, *ctx.model.descendants(call.receiver)):
        if isinstance(node, cst.Call) and ctx.model.call(node).last_name == "groupby":
            by = ctx.model.call(node).literal("by", 0)
            names = [by] if isinstance(by, str) else by if isinstance(by, list) else []
            return [name for name in names if isinstance(name, str) and _GROUP.match(name)]
    return []


def _is_used(column: str, rows: Value) -> bool:
    """Tell whether rows are the ids themselves, or were chosen to have them as a feature, as in recommenders."""
    only = rows.columns.only
    return column in rows.computed_from or (only is not None and column in only)


def _is_told_groups(event: Event) -> bool:
    """Tell whether a split knows the groups, or may."""
    call = event.call
    if call is None or "group-aware" in event.tags or call.argument("groups").present:
        return True
    return _mentions_groups(call)


def _mentions_groups(call: CallSite) -> bool:
    splitter = call.argument("cv").value
    return splitter is not None and not isinstance(splitter, cst.Integer)


_COUNTS_VALUES = frozenset({"nunique", "unique", "value_counts", "duplicated"})
#: Names of columns that say whose rows they are.
_GROUP = re.compile(
    r"(?i)^(?:(?:patient|subject|participant|user|session|speaker|donor)s?(?:[ _]?(?:id|no|nr|num|number|code|key|name))?"
    r"|(?:person|individual|animal|household|driver|customer|client|visitor|player|student)s?[ _]?(?:id|no|nr|number|code))$"
)
