"""Whether what an event works on changes from round to round of a loop around it, also through calls of own functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from mllint import Context, Event, SemanticModel, Value

#: So many expressions are looked through before the answer is that nothing is known.
_MOST_EXPRESSIONS = 400


def varies(
    expressions: Iterable[cst.CSTNode], event: Event, loop: cst.CSTNode, ctx: Context, *, receivers: bool = True
) -> bool:
    """Tell whether expressions in the function where an event happens depend on what a loop around it binds.

    Args:
        expressions: expressions in the innermost function that the event happens in.
        event: the event; the calls that lead to it tell what parameters hold.
        loop: one of its loops.
        ctx: the context of the rule.
        receivers: whether a call also depends on what it is called on.
    """
    model = ctx.model
    frames = [*event.calls, event.node]
    home = next((index for index, node in enumerate(frames) if loop in model.ancestors(node)), None)
    if home is None:
        return False
    settings = _settings(loop, model) if receivers else {}
    pending = [(expression, len(frames) - 1) for expression in expressions]
    met: set[tuple[cst.CSTNode, int]] = set()
    while pending and len(met) < _MOST_EXPRESSIONS:
        expression, frame = pending.pop()
        if (expression, frame) in met:
            continue
        met.add((expression, frame))
        for name in _names(expression, model, receivers=receivers):
            if frame == home:
                pending += [(value, frame) for value in settings.get(name.value, ())]
            for binding in model.bindings(name):
                owner = binding.owner
                if frame == home and _binds(loop, owner, model):
                    return True
                if isinstance(owner, cst.Param):
                    given = _given(owner, frames[frame - 1], model) if frame > home else None
                    if given is not None:
                        pending.append((given, frame - 1))
                elif frame > home or loop in model.ancestors(owner):
                    pending += [(value, frame) for value in _sources(owner)]
    return False


def rows_vary(rows: Value, loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether rows are others in every round of a loop: parts of a fold, of a table, of a group."""
    model = ctx.model
    inside = set(bound_names(loop, model))

    def within(node: object) -> bool:
        return isinstance(node, cst.CSTNode) and (node is loop or loop in model.ancestors(node))

    for held in rows.rows:
        if within(held.source) or (isinstance(held.source, tuple) and any(within(each) for each in held.source)):
            return True
        for step in held.path:
            if isinstance(step.key, Event):
                if loop in step.key.loops or within(step.key.node):
                    return True
            elif isinstance(step.key, tuple):
                if any(within(each) for each in step.key):
                    return True
                if step.key[0] == "mask" and any(_mentions(each, inside) for each in step.key if isinstance(each, str)):
                    return True
    return any(event.kind in ("window", "resample") and loop in event.loops for event in rows.learned)


def bound_names(loop: cst.CSTNode, model: SemanticModel) -> Iterator[str]:
    """Yield the names that a loop binds in every round."""
    clause = clause_of(loop)
    if clause is not None:
        for node in (clause.target, *model.descendants(clause.target)):
            if isinstance(node, cst.Name):
                yield node.value


def clause_of(loop: cst.CSTNode) -> cst.For | cst.CompFor | None:
    """Return the ``for`` of a loop or comprehension."""
    if isinstance(loop, cst.BaseComp):
        return loop.for_in
    return loop if isinstance(loop, (cst.For, cst.CompFor)) else None


def _binds(loop: cst.CSTNode, owner: cst.CSTNode, model: SemanticModel) -> bool:
    while isinstance(owner, cst.CompFor):
        parent = model.parent(owner)
        if parent is None:
            return False
        owner = parent
    return owner is loop


def _names(expression: cst.CSTNode, model: SemanticModel, *, receivers: bool) -> Iterator[cst.Name]:
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            yield node
        elif isinstance(node, cst.Call) and not receivers:
            pending += [arg.value for arg in node.args]
        elif isinstance(node, (cst.Attribute, cst.Arg)):
            pending.append(node.value)
        else:
            pending += model.children(node)


def _sources(owner: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the expressions that a statement or clause gives its names their values from."""
    if isinstance(owner, (cst.Assign, cst.AugAssign, cst.NamedExpr)):
        return [owner.value]
    if isinstance(owner, cst.AnnAssign):
        return [owner.value] if owner.value is not None else []
    if isinstance(owner, (cst.For, cst.CompFor)):
        return [owner.iter]
    return [owner.item] if isinstance(owner, cst.WithItem) else []


def _settings(loop: cst.CSTNode, model: SemanticModel) -> dict[str, list[cst.CSTNode]]:
    """Return what objects are set to in a loop, by name: the arguments of ``model.set_params(depth=depth)``."""
    found: dict[str, list[cst.CSTNode]] = {}
    for node in model.mentions("set_params"):
        call = model.parent(node)
        if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
            continue
        if isinstance(call, cst.Call) and loop in model.ancestors(call):
            found.setdefault(node.value.value, []).extend(arg.value for arg in call.args)
    return found


def _given(param: cst.Param, call: cst.CSTNode, model: SemanticModel) -> cst.BaseExpression | None:
    """Return what a call passes for a parameter of the function that it calls."""
    function = model.function(param)
    if not isinstance(call, cst.Call) or not isinstance(function, (cst.FunctionDef, cst.Lambda)):
        return None
    params = [*function.params.posonly_params, *function.params.params]
    if params and params[0].name.value in ("self", "cls"):
        params = params[1:]
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == param.name.value:
            return arg.value
    positional = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    index = next((index for index, each in enumerate(params) if each is param), len(positional))
    return positional[index] if index < len(positional) else None


def _mentions(text: str, names: set[str]) -> bool:
    return any(part in names for part in "".join(c if c.isalnum() or c == "_" else " " for c in text).split())
