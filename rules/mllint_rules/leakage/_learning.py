"""What the leakage rules share: which transformers learn something from the rows they are fitted on."""

from __future__ import annotations

import libcst as cst

from mllint import CallSite, Context, Event, Part

#: Tags of transformers whose fit takes statistics, a selection or a projection from the rows it sees. Encoders that
#: only list categories (``learns-vocabulary`` alone) are not among them: fitting them on all rows is common practice.
LEARNING = frozenset({"learns-statistics", "selects-features", "reduces-dimensions", "supervised"})


def learns(event: Event) -> bool:
    """Tell whether a fit takes more from its rows than a list of categories."""
    return event.estimator is not None and not LEARNING.isdisjoint(event.estimator.tags)


def saw_everything(event: Event) -> bool:
    """Tell whether a fit or resampling worked on rows that had not been split before.

    Rows that only a name calls training rows count: a later split of them is the one that matters.
    """
    if not event.data:
        return False
    rows = event.data[0]
    return rows.part is Part.WHOLE or (rows.part is Part.TRAIN and not rows.splits)


def model_follows(split: Event, ctx: Context) -> bool:
    """Tell whether a model is fitted, applied or scored after a split, so that the split matters."""
    order = ctx.model.order(split.node)
    used = ctx.model.calls_with_role("fits", "predicts", "scores", "cross-validates", "searches", "trains")
    return any(ctx.model.order(call.node) > order for call in used)


def called(call: CallSite, ctx: Context) -> str:
    """Return what is called as people would name it: the class and the method, or the function."""
    func = call.node.func
    if isinstance(func, cst.Attribute):
        kind = call.receiver_kind
        if kind is not None:
            return f"{kind.rpartition('.')[2]}.{func.attr.value}"
        text = ctx.model.text(func)
        return text if len(text) <= 40 and "\n" not in text else func.attr.value
    return call.last_name
