"""Rewrites that the fixes of several rules share: preprocessing goes behind the split, or into a pipeline.

Each is unsafe, for it is meant to change results, and is offered only where the code shows that nothing else depends on
the order that it changes: all in one block of one cell, no name bound again in between, no other use of what goes away.
Where only something else still uses what would go away, it stays, and the right code is shown but not applied.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import libcst as cst

from mllint import UNKNOWN, Applicability, Context, Edit, Event, Fix
from mllint_rules.leakage._evaluations import Leak, evaluations

#: Lay out the very rows that they are given and cannot transform others, although their base class says so.
_NO_TRANSFORM = frozenset({"TSNE"})
_CROSS_VALIDATIONS = frozenset({"cross_val_score", "cross_validate", "cross_val_predict"})
#: Arguments of a cross-validation whose meaning changes with the estimator.
_ABOUT_THE_ESTIMATOR = ("return_estimator", "fit_params", "params")
#: Statistics of a column that are one number.
_NUMBERS = frozenset({"mean", "median", "min", "max", "mode"})
#: Methods that change what they are called on.
_MUTATORS = frozenset(
    "append clear extend fit fit_transform insert partial_fit pop remove set_params sort update".split()
)
#: Attributes of a frame that are none of its columns.
_VIEWS = frozenset({"T", "at", "array", "iat", "iloc", "loc", "style", "values"})


class _Learning(NamedTuple):
    """``name = transformer.fit_transform(rows, target)``, or the call alone as an argument of another."""

    call: cst.Call
    transformer: cst.BaseExpression
    rows: cst.BaseExpression
    target: cst.BaseExpression | None
    name: cst.Name | None


class _Filling(NamedTuple):
    """``frame[column] = frame[column].fillna(statistic)``; of all columns where ``column`` is None."""

    line: cst.SimpleStatementLine
    frame: cst.Name
    column: str | None
    statistic: cst.BaseExpression
    computes: str


class _Split(NamedTuple):
    """``first_train, first_test, second_train, … = train_test_split(first, second, …)`` on a line of its own."""

    line: cst.SimpleStatementLine
    arrays: list[cst.BaseExpression]
    names: list[str]

    def parts(self, index: int) -> tuple[str, str]:
        """Return the names of the training and of the test part of an array."""
        return self.names[2 * index], self.names[2 * index + 1]


# Behind the split


def split_first(leak: Leak, ctx: Context) -> Fix | None:
    """Return the fix that splits what a transformer learned from and lets it learn from the training part only."""
    learning = _learning(leak.cause, ctx)
    if learning is None:
        return None
    uses = _uses(learning.name, ctx) if learning.name is not None else [learning.call]
    found = [(use, split) for use in uses if (split := _split_with(use, ctx)) is not None]
    if len(found) != 1:
        return None
    use, split = found[0]
    learned_by = _names_in(learning.transformer, ctx)
    names = learned_by | _names_in(learning.rows, ctx)
    between = _between(learning.call, split.line, ctx)
    if between is None or not learned_by.isdisjoint(_names_in_all(between, ctx) | set(split.names)):
        return None
    if any(_changes(statement, names, ctx) for statement in between):
        return None
    train, test = split.parts(split.arrays.index(use))
    target = ""
    if learning.target is not None:
        place = next((i for i, each in enumerate(split.arrays) if _same(each, learning.target, ctx)), None)
        if place is None:
            return None
        target = f", {split.parts(place)[0]}"
    lines: list[str] = []
    transformer = ctx.model.text(learning.transformer)
    if isinstance(learning.transformer, cst.Call):
        name = _free_name(_usual_name(learning.transformer, leak.cause), ctx)
        lines.append(f"{name} = {transformer}")
        transformer = name
    lines.append(f"{train} = {transformer}.fit_transform({train}{target})")
    lines.append(f"{test} = {transformer}.transform({test})")
    edits = [ctx.fix.replace(use, ctx.model.text(learning.rows))]
    applicability = Applicability.UNSAFE
    if learning.name is not None:
        if uses == [use] and not _is_read_by_magics([learning.name.value], ctx):
            cut, comments, comment = ctx.fix.cut_statement(learning.call)
            edits.append(cut)
            lines = _with_comments(lines, len(lines) - 2, comments, comment)
        elif learning.name.value in names:
            return None
        else:
            applicability = Applicability.DISPLAY
    if _reaches_folds(leak.cause, ctx):
        applicability = Applicability.DISPLAY  # these would still see what was learned outside of them
    edits.append(ctx.fix.insert_after(split.line, "\n".join(lines)))
    return Fix("Split first, fit on the training part and transform the test part", edits, applicability)


def _reaches_folds(fit: Event, ctx: Context) -> bool:
    """Tell whether what a fit has learned gets into rows that are divided into folds."""
    folded = [evaluation.event.rows for evaluation in evaluations(ctx) if evaluation.on_folds]
    return any(event is fit for rows in folded for event, _ in rows.influences())


def fill_after_split(leak: Leak, ctx: Context) -> Fix | None:
    """Return the fix that fills missing values after the split, by the statistic of the training part."""
    filling = _filling(leak.cause, ctx)
    if filling is None or ctx.model.in_loop(filling.line):
        return None
    found = _split_of_frame(filling, ctx)
    if found is None:
        return None
    split, index = found
    train, test = split.parts(index)
    if filling.column is None:
        value = given = _free_name(f"{filling.computes}s", ctx)
    else:
        value = _free_name(_as_name(f"{filling.column}_{filling.computes}"), ctx)
        given = f"{{{json.dumps(filling.column, ensure_ascii=False)}: {value}}}"
    lines = [
        f"{value} = {_with_name(filling.statistic, filling.frame.value, train, ctx)}",
        f"{train} = {train}.fillna({given})",
        f"{test} = {test}.fillna({given})",
    ]
    cut, comments, comment = ctx.fix.cut_statement(filling.line)
    lines = _with_comments(lines, 1, comments, comment)
    edits = [cut, ctx.fix.insert_after(split.line, "\n".join(lines))]
    return Fix("Split first and fill both parts by the statistic of the training part", edits, Applicability.UNSAFE)


# Into a pipeline


def into_pipeline(leak: Leak, ctx: Context) -> Fix | None:
    """Return the fix that cross-validates a pipeline of the transformer and the model on the rows as they were."""
    learning = _learning(leak.cause, ctx)
    shown = leak.evaluation.event.call
    if learning is None or shown is None:
        return None
    uses = _uses(learning.name, ctx) if learning.name is not None else [learning.call]
    found = {use: call for use in uses if (call := _cross_validation_with(use, learning, ctx)) is not None}
    if shown.node not in found.values():
        return None
    alone = not _is_used_elsewhere(learning.transformer, ctx)
    removes = False
    if learning.name is None:
        if not alone:
            return None
    else:
        names = _names_in(learning.transformer, ctx) | _names_in(learning.rows, ctx)
        names |= _names_in(learning.target, ctx) if learning.target is not None else set()
        passed = _up_to(learning.call, list(found), ctx)
        if passed is None or any(_changes(statement, names, ctx) for statement in passed):
            return None
        removes = alone and len(found) == len(uses) and not _is_read_by_magics([learning.name.value], ctx)
        if not removes:
            if learning.name.value in names:
                return None
            found = {use: call for use, call in found.items() if call is shown.node}
    make_pipeline, edits = ctx.fix.import_name("sklearn.pipeline", "make_pipeline", learning.call)
    for use, call in found.items():
        edits += _as_pipeline(call, make_pipeline, ctx.model.text(learning.transformer), ctx)
        edits.append(ctx.fix.replace(use, ctx.model.text(learning.rows)))
    if removes:
        cut, comments, comment = ctx.fix.cut_statement(learning.call)
        edits.append(cut)
        lines = [*comments, *([comment] if comment else [])]
        edits += [ctx.fix.insert_before(next(iter(found)), "\n".join(lines))] if lines else []
    return Fix(
        "Cross-validate a pipeline of the transformer and the model",
        edits,
        Applicability.UNSAFE if removes or learning.name is None else Applicability.DISPLAY,
    )


def _as_pipeline(call: cst.Call, make_pipeline: str, transformer: str, ctx: Context) -> list[Edit]:
    """Put a transformer before the model of a cross-validation; one that is a pipeline already gets it as a step."""
    model = ctx.model.call(call).argument("estimator").value
    assert model is not None  # the call was looked at before
    if isinstance(model, cst.Call) and model.args and ctx.model.call(model).name == "sklearn.pipeline.make_pipeline":
        return [Edit.insert(ctx.model.outer_range(model.args[0].value).start, f"{transformer}, ")]
    return ctx.fix.wrap(model, f"{make_pipeline}({transformer}, ", ")")


def _cross_validation_with(use: cst.BaseExpression, learning: _Learning, ctx: Context) -> cst.Call | None:
    """Return the cross-validation that an expression is the rows of, if it can be given a pipeline instead."""
    call = _call_with(use, ctx)
    if call is None or ctx.model.function(call) is not ctx.model.function(learning.call):
        return None
    site = ctx.model.call(call)
    if site.name is None or site.name.rpartition(".")[2] not in _CROSS_VALIDATIONS:
        return None
    if site.argument("X").value is not use or not site.argument("estimator").present:
        return None
    if any(not site.argument(name).absent for name in _ABOUT_THE_ESTIMATOR):
        return None
    if learning.target is None:
        return call
    target = site.argument("y").value
    return call if target is not None and _same(target, learning.target, ctx) else None


# What is learned, and where it goes


def _learning(fit: Event, ctx: Context) -> _Learning | None:
    """Read a fit as one expression that learns and transforms; None if it is written in another way."""
    site = fit.call
    if site is None or site.last_name != "fit_transform" or site.receiver is None or len(fit.models) != 1:
        return None
    kind = next(iter(fit.models)).kind
    if kind is None or kind.rpartition(".")[2] in _NO_TRANSFORM or ctx.knowledge.method(kind, "transform") is None:
        return None
    args = site.node.args
    if not 1 <= len(args) <= 2 or any(arg.keyword is not None or arg.star for arg in args):
        return None
    if isinstance(site.receiver, cst.Call):
        if not ctx.model.call(site.receiver).constructs:
            return None
    elif not isinstance(site.receiver, (cst.Name, cst.Attribute)):
        return None
    name: cst.Name | None = None
    above = ctx.model.parent(site.node)
    if isinstance(above, cst.Assign) and len(above.targets) == 1 and isinstance(above.targets[0].target, cst.Name):
        name = above.targets[0].target
    elif not isinstance(above, cst.Arg):
        return None
    return _Learning(site.node, site.receiver, args[0].value, args[1].value if len(args) == 2 else None, name)


def _split_with(use: cst.BaseExpression, ctx: Context) -> _Split | None:
    """Return the split that an expression is one of the arrays of."""
    call = _call_with(use, ctx)
    split = _split_of(call, ctx) if call is not None else None
    return split if split is not None and use in split.arrays else None


def _split_of(call: cst.Call, ctx: Context) -> _Split | None:
    """Read a call as a split whose parts get names."""
    site = ctx.model.call(call)
    if site.name is None or not site.name.endswith(".train_test_split") or any(arg.star for arg in call.args):
        return None
    assign = ctx.model.parent(call)
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return None
    target, line = assign.targets[0].target, ctx.model.parent(assign)
    if not isinstance(target, (cst.Tuple, cst.List)) or not isinstance(line, cst.SimpleStatementLine):
        return None
    names = [element.value.value for element in target.elements if isinstance(element.value, cst.Name)]
    arrays = [arg.value for arg in site.positional]
    if len(names) != len(target.elements) or len(names) != 2 * len(arrays) or len(set(names)) != len(names):
        return None
    return _Split(line, arrays, names)


def _filling(statistic: Event, ctx: Context) -> _Filling | None:
    """Read the statement of a statistic as one that fills missing values of a frame with it."""
    if statistic.call is None:
        return None
    line = ctx.model.statement(statistic.node)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    small = line.body[0]
    value = small.value if isinstance(small, (cst.Assign, cst.Expr)) else None
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
        return None
    if value.func.attr.value != "fillna":
        return None
    filled = _column_of(value.func.value, ctx)
    given = [arg for arg in value.args if arg.keyword is None or arg.keyword.value == "value"]
    others = [arg for arg in value.args if arg not in given]
    in_place = [arg.keyword.value for arg in others if arg.keyword is not None] == ["inplace"]
    if filled is None or len(given) != 1 or given[0].star or (others and not in_place):
        return None
    in_place = in_place and ctx.model.literal(others[0].value) is True
    if isinstance(small, cst.Assign):
        if in_place or len(small.targets) != 1 or _key(_column_of(small.targets[0].target, ctx)) != _key(filled):
            return None
    elif not in_place:
        return None
    frame, column = filled
    computes = statistic.call.last_name
    if computes not in _NUMBERS or not _is_value_of(given[0].value, statistic.node, first=computes == "mode", ctx=ctx):
        return None
    of = _column_of(statistic.call.receiver, ctx) if statistic.call.receiver is not None else None
    if _key(of) != _key(filled) or _names_in_all(statistic.call.node.args, ctx):
        return None
    return _Filling(line, frame, column, given[0].value, computes)


def _is_value_of(node: cst.BaseExpression, call: cst.CSTNode, *, first: bool, ctx: Context) -> bool:
    """Tell whether an expression is the result of a call, or where several values are, the first of it."""
    if not first:
        return node is call
    if not isinstance(node, cst.Subscript) or len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
        return False
    held = node.value.value if isinstance(node.value, cst.Attribute) and node.value.attr.value in _VIEWS else node.value
    return held is call and ctx.model.literal(node.slice[0].slice.value) == 0


def _split_of_frame(filling: _Filling, ctx: Context) -> tuple[_Split, int] | None:
    """Return the split of a filled frame, or of what was made of it, if nothing else is done with it."""
    carriers = {filling.frame.value}
    seen: list[cst.CSTNode] = []
    for statement in _after(filling.line, ctx):
        if carriers.isdisjoint(_names_in(statement, ctx)):
            continue
        seen.append(statement)
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if not isinstance(small, cst.Assign) or len(small.targets) != 1:
            return None
        split = _split_of(small.value, ctx) if isinstance(small.value, cst.Call) else None
        if split is not None:
            held = [_holds(array, carriers, filling.column, ctx) for array in split.arrays]
            if held.count(True) != 1 or None in held or not _are_done_with(carriers, filling.line, seen, ctx):
                return None
            return split, held.index(True)
        target = small.targets[0].target
        holds = _holds(small.value, carriers, filling.column, ctx)
        if not isinstance(target, cst.Name) or holds is None:
            return None
        if holds:
            carriers.add(target.value)
        elif target.value in carriers:
            return None
    return None


def _holds(node: cst.BaseExpression, carriers: set[str], column: str | None, ctx: Context) -> bool | None:
    """Tell whether an expression is a frame with the filled column, or has nothing of it; None if neither is sure."""
    if carriers.isdisjoint(_names_in(node, ctx)):
        return False
    if isinstance(node, cst.Name):
        return True
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        base = _holds(node.func.value, carriers, column, ctx)
        if base is True and node.func.attr.value == "copy":
            return True
        dropped = _dropped_columns(node, ctx) if node.func.attr.value == "drop" and column is not None else None
        return base and column not in dropped if dropped is not None else None
    found = _column_of(node, ctx)
    if column is not None and found is not None and found[1] is not None:
        return False if found[1] != column else None
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        names = ctx.model.literal(node.slice[0].slice.value)
        base = _holds(node.value, carriers, column, ctx)
        if base is True and column is not None and isinstance(names, list):
            return column in names
    return None


def _dropped_columns(call: cst.Call, ctx: Context) -> list[str] | None:
    """Return the columns that a ``drop`` takes away, or None where it cannot be told or is done in place."""
    given = {arg.keyword.value if arg.keyword is not None else "labels": arg.value for arg in call.args if not arg.star}
    if len(given) != len(call.args) or not given.keys() <= {"labels", "axis", "columns"}:
        return None
    if "columns" not in given and ("axis" not in given or ctx.model.literal(given["axis"]) not in (1, "columns")):
        return None
    labels = given.get("columns", given.get("labels"))
    names = ctx.model.literal(labels) if labels is not None else UNKNOWN
    names = [names] if isinstance(names, str) else names
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


def _are_done_with(names: set[str], line: cst.CSTNode, seen: Sequence[cst.CSTNode], ctx: Context) -> bool:
    """Tell whether what names hold from a line on is read in given statements only, the last of which is a split."""
    start, split = ctx.model.range(line).end, ctx.model.range(seen[-1]).start
    if _is_read_by_magics(names, ctx):
        return False
    for use in ctx.model.walk.references:
        bindings = ctx.model.bindings(use) if use.value in names else []
        if use.value not in names or (bindings and all(each.scope is not ctx.model.scope(line) for each in bindings)):
            continue
        if ctx.model.function(use) is not ctx.model.function(line):
            return False
        if ctx.model.range(use).start < start or any(above in seen for above in ctx.model.ancestors(use)):
            continue
        if not bindings or any(ctx.model.range(each.node).start < split for each in bindings):
            return False
    return True


# Names and statements


def _uses(name: cst.Name, ctx: Context) -> list[cst.Name]:
    """Return where the value that is assigned to a name may be read."""
    binding = ctx.model.walk.bindings.get(name)
    return ctx.model.uses(binding) if binding is not None else []


def _is_used_elsewhere(transformer: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a transformer may be used besides where it is written."""
    if isinstance(transformer, cst.Call):
        return False
    if not isinstance(transformer, cst.Name):
        return True
    return any(ctx.model.uses(binding) != [transformer] for binding in ctx.model.bindings(transformer))


def _call_with(argument: cst.BaseExpression, ctx: Context) -> cst.Call | None:
    """Return the call that an expression is an argument of."""
    arg = ctx.model.parent(argument)
    call = ctx.model.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
    return call if isinstance(call, cst.Call) else None


def _same(first: cst.BaseExpression, second: cst.BaseExpression, ctx: Context) -> bool:
    return ctx.model.text(first) == ctx.model.text(second)


def _column_of(node: cst.CSTNode, ctx: Context) -> tuple[cst.Name, str | None] | None:
    """Return the frame and the column that ``frame["column"]`` or ``frame.column`` denotes; no column for ``frame``."""
    if isinstance(node, cst.Name):
        return node, None
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.attr.value not in _VIEWS:
        return node.value, node.attr.value
    if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name) and len(node.slice) == 1:
        index = node.slice[0].slice
        name = ctx.model.literal(index.value) if isinstance(index, cst.Index) else UNKNOWN
        return (node.value, name) if isinstance(name, str) else None
    return None


def _key(place: tuple[cst.Name, str | None] | None) -> tuple[str, str | None] | None:
    return (place[0].value, place[1]) if place is not None else None


def _names_in(node: cst.CSTNode, ctx: Context) -> set[str]:
    """Return the names that code reads or binds."""
    known = (ctx.model.walk.references, ctx.model.walk.bindings)
    return {
        each.value
        for each in ctx.model.descendants(node)
        if isinstance(each, cst.Name) and any(each in names for names in known)
    }


def _names_in_all(nodes: Iterable[cst.CSTNode], ctx: Context) -> set[str]:
    return set().union(*(_names_in(node, ctx) for node in nodes))


def _after(node: cst.CSTNode, ctx: Context) -> Sequence[cst.CSTNode]:
    """Return the statements behind that of a node in its block."""
    statement = ctx.model.statement(node)
    block = ctx.model.parent(statement) if statement is not None else None
    if not isinstance(block, (cst.Module, cst.IndentedBlock)):
        return ()
    body = list(block.body)
    return body[next(i for i, each in enumerate(body) if each is statement) + 1 :]


def _between(first: cst.CSTNode, second: cst.SimpleStatementLine, ctx: Context) -> Sequence[cst.CSTNode] | None:
    """Return the statements between two of one block; None if they are in different blocks or cells."""
    if ctx.model.statement(first) is second:
        return ()
    after = _after(first, ctx)
    place = next((index for index, each in enumerate(after) if each is second), None)
    return after[:place] if place is not None else None


def _up_to(first: cst.CSTNode, others: Sequence[cst.CSTNode], ctx: Context) -> Sequence[cst.CSTNode] | None:
    """Return the statements of a block behind a node up to the last that others are in; None if one is elsewhere."""
    after = _after(first, ctx)
    places = [
        next((index for index, each in enumerate(after) if each in (node, *ctx.model.ancestors(node))), None)
        for node in others
    ]
    known = [place for place in places if place is not None]
    return after[: max(known) + 1] if known and len(known) == len(places) else None


def _changes(statement: cst.CSTNode, names: set[str], ctx: Context) -> bool:
    """Tell whether a statement binds one of some names, or may change what one of them holds."""
    for node in ctx.model.descendants(statement):
        if isinstance(node, cst.Name) and node.value in names and node in ctx.model.walk.bindings:
            return True
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del)) and _root(node.target) in names:
            return True
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and _root(node.func) in names:
            in_place = any(arg.keyword is not None and arg.keyword.value == "inplace" for arg in node.args)
            if in_place or node.func.attr.value in _MUTATORS:
                return True
    return False


def _root(node: cst.CSTNode) -> str:
    """Return the name that a chain of attributes, elements and calls begins with."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else ""


def _is_read_by_magics(names: Iterable[str], ctx: Context) -> bool:
    return any(not magic.reads.isdisjoint(names) for cell in ctx.unit.cells for magic in cell.magics)


# Text


def _with_name(node: cst.BaseExpression, old: str, new: str, ctx: Context) -> str:
    """Return the text of an expression with one name for another."""
    start = ctx.model.range(node).start
    text = ctx.model.text(node)
    for each in reversed([n for n in ctx.model.descendants(node) if isinstance(n, cst.Name) and n.value == old]):
        if each in ctx.model.walk.references:
            low, high = ctx.model.range(each)
            text = text[: low - start] + new + text[high - start :]
    return text


def _with_comments(lines: list[str], behind: int, comments: list[str], comment: str) -> list[str]:
    """Return lines below the comments of a statement that goes, the one behind it behind one of them."""
    lines = [f"{line}  {comment}" if comment and index == behind else line for index, line in enumerate(lines)]
    return [*comments, *lines]


def _usual_name(made: cst.Call, fit: Event) -> str:
    """Return how an instance of a class is usually called: by the last word of its name."""
    if "selects-features" in fit.tags:
        return "selector"
    kind = next(iter(fit.models)).kind or ""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", kind.rpartition(".")[2])
    return words[-1].lower() if words else "transformer"


def _as_name(text: str) -> str:
    """Return a text as a name of a variable."""
    name = re.sub(r"\W+", "_", text).strip("_").lower()
    return name if name.isidentifier() else "filling"


def _free_name(wanted: str, ctx: Context) -> str:
    """Return a name that means nothing in the unit yet."""
    walk = ctx.model.walk
    taken = {name.value for name in walk.references} | {binding.name for binding in walk.bindings.values()}
    for cell in ctx.unit.cells:
        taken |= cell.salvaged_names
        taken = taken.union(*(magic.reads | magic.binds for magic in cell.magics))
    number = 1
    name = wanted
    while name in taken or keyword.iskeyword(name) or hasattr(builtins, name):
        number += 1
        name = f"{wanted}_{number}"
    return name


__all__ = ["fill_after_split", "into_pipeline", "split_first"]
