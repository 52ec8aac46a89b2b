"""The fix that splits before it resamples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import libcst as cst

from mllint import Applicability, Context, Edit, Event, Fix, SemanticModel


def swap(resampling: Event, split: Event, ctx: Context) -> Fix | None:
    """Return the fix that swaps a resampling and the split that follows it, where nothing else sees the resampled rows.

    ``Xr, yr = sampler.fit_resample(X, y)`` and ``A, B, c, d = train_test_split(Xr, yr)`` become
    ``A, B, c, d = train_test_split(X, y)`` and ``A, c = sampler.fit_resample(A, c)``.
    """
    model = ctx.model
    first, second = _assignment(resampling, 2, model), _assignment(split, 4, model)
    if first is None or second is None or split.call is None or resampling.call is None:
        return None
    if split.call.name != "sklearn.model_selection.train_test_split" or "resampler" not in resampling.tags:
        return None
    given = _names([arg.value for arg in resampling.call.node.args])
    passed = _names([arg.value for arg in split.call.positional])
    made, parts = _targets(first), _targets(second)
    values = [name.value for name in made]
    if given is None or len(given) != 2 or passed is None or [name.value for name in passed] != values:
        return None
    if not _follows(first, second, model) or _is_used(values, first, second, model):
        return None
    raw = dict(zip(values, (name.value for name in given), strict=True))
    train = [parts[0].value, parts[2].value]
    split_first = {
        name: raw[name.value]
        for name in model.descendants(second.value)
        if isinstance(name, cst.Name) and name.value in raw and not _is_keyword(name, model)
    }
    resample_last = dict(zip([*made, *given], [*train, *train], strict=True))
    return Fix(
        "Split first and resample the training part",
        [
            Edit.replace(model.range(first), _rewritten(second, split_first, model)),
            Edit.replace(model.range(second), _rewritten(first, resample_last, model)),
        ],
        Applicability.UNSAFE,
    )


def _assignment(event: Event, count: int, model: SemanticModel) -> cst.Assign | None:
    """Return the statement that gives the results of a call to so many names, if it does nothing else."""
    assign = model.parent(event.node)
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or len(_targets(assign)) != count:
        return None
    line = model.parent(assign)
    return assign if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None


def _targets(assign: cst.Assign) -> list[cst.Name]:
    target = assign.targets[0].target
    return _names([element.value for element in target.elements]) or [] if isinstance(target, cst.Tuple) else []


def _names(nodes: Sequence[cst.BaseExpression]) -> list[cst.Name] | None:
    """Return expressions that all are names."""
    names = [node for node in nodes if isinstance(node, cst.Name)]
    return names if len(names) == len(nodes) else None


def _follows(first: cst.Assign, second: cst.Assign, model: SemanticModel) -> bool:
    """Tell whether one statement directly follows another where nothing repeats them."""
    line, other = model.parent(first), model.parent(second)
    block = model.parent(line) if line is not None else None
    if block is None or other is None or model.parent(other) is not block or model.in_loop(first):
        return False
    body = list(getattr(block, "body", ()))
    return any(each is line and following is other for each, following in pairwise(body))


def _is_used(names: Sequence[str], first: cst.Assign, second: cst.Assign, model: SemanticModel) -> bool:
    """Tell whether names that a statement binds are used elsewhere than in the two statements, as they are from there on."""
    inside = {*model.descendants(first), *model.descendants(second)}
    bound_before = {name.value for name in model.descendants(first.value) if isinstance(name, cst.Name)}
    return any(
        node.value in names
        and node not in inside
        and (
            node.value not in bound_before or model.order(node) > model.order(second) or _runs_later(node, first, model)
        )
        for node in model.nodes(cst.Name)
    )


def _runs_later(node: cst.Name, first: cst.Assign, model: SemanticModel) -> bool:
    """Tell whether code above may run after a statement: the body of a function that is called below."""
    return model.function(node) is not model.function(first)


def _is_keyword(name: cst.Name, model: SemanticModel) -> bool:
    parent = model.parent(name)
    return (isinstance(parent, cst.Arg) and parent.keyword is name) or (
        isinstance(parent, cst.Attribute) and parent.attr is name
    )


def _rewritten(node: cst.CSTNode, names: Mapping[cst.Name, str], model: SemanticModel) -> str:
    """Return the source of a statement with some names replaced."""
    text, start = model.text(node), model.range(node).start
    for name in sorted(names, key=lambda each: model.range(each).start, reverse=True):
        place = model.range(name)
        text = text[: place.start - start] + names[name] + text[place.end - start :]
    return text
