"""The rule ``set-order-dependence``."""

from __future__ import annotations

import libcst as cst

from mllint import Applicability, CallSite, Confidence, Context, Edit, Fix, Rule, Tier, on_call, on_node
from mllint_rules.reproducibility._order import Order

_SETS = ("builtins.set", "builtins.frozenset")


class SetOrderDependence(Rule):
    """The order of a set decides an index, a list or the columns of a table.

    ## What it does
    Finds sets whose order of iteration reaches a result: elements that are numbered by `enumerate` or by the growing
    length of a dictionary, paired by `zip`, taken by position, sampled from, or used as columns.

    Silent for what does not depend on the order (`len`, `in`, `min`, `sum`, other sets), for sets that are sorted
    before or after, and for sets of integers, which have the same order in every run.

    ## Why is this bad
    Python hashes strings with a key that differs from process to process, so a set of strings has another order in
    every run. A label that was number 3 when the model was trained is number 5 when it is loaded, and all predictions
    are silently wrong.

    ## Example
    ```python
    label_to_id = {label: index for index, label in enumerate(set(labels))}
    ```

    ## Use instead
    ```python
    label_to_id = {label: index for index, label in enumerate(sorted(set(labels)))}
    ```

    ## Fix safety
    The fix sorts the elements, where they are known to be strings or numbers. That changes their order, which models
    saved earlier may rely on, so it is unsafe.

    ## References
    - Python: PYTHONHASHSEED, https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED
    """

    name = "set-order-dependence"
    category = "reproducibility"
    tier = Tier.PEDANTIC
    confidence = Confidence.HIGH
    fixes = (Applicability.UNSAFE,)

    @on_call(*_SETS)
    def check_call(self, call: CallSite, ctx: Context) -> None:
        """Report `set(...)` whose order matters."""
        self._check(call.node, ctx)

    @on_node(cst.Set, cst.SetComp)
    def check_display(self, node: cst.Set | cst.SetComp, ctx: Context) -> None:
        """Report a set that is spelt out or built by a comprehension."""
        self._check(node, ctx)

    def _check(self, node: cst.BaseExpression, ctx: Context) -> None:
        if _has_stable_order(node, ctx):
            return
        whole = _whole_set(node, ctx)
        if whole is None:
            return
        order = Order(ctx, rows=False)
        use = order.matters(whole)
        if use is None:
            return
        ctx.report(
            whole,
            f"The order of this set differs from run to run, and {use.what}",
            help="Use a list" if _holds_objects(node, ctx) else "Sort it first",
            trace=[(use.node, "Its order is used here")],
            fix=(lambda: _sorted_fix(whole, ctx)) if whole is node and _can_be_sorted(node, ctx) else None,
        )


def _whole_set(node: cst.BaseExpression, ctx: Context) -> cst.BaseExpression | None:
    """Return the largest set expression that a set is the first part of: ``set(a) | set(b)``, ``set(a) - {x}``."""
    current = node
    while True:
        above = ctx.model.parent(current)
        if isinstance(above, cst.BinaryOperation) and ctx.model.is_kind(above, *_SETS):
            if above.left is not current:
                return None  # the left part stands for the whole
            current = above
        elif isinstance(above, cst.Attribute) and isinstance(call := ctx.model.parent(above), cst.Call):
            if above.value is not current or not ctx.model.is_kind(call, *_SETS):
                return current
            current = call
        else:
            return current


def _has_stable_order(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a set is known to hold only numbers, or at most one element."""
    if isinstance(node, cst.Call):
        if not node.args:
            return True
        return _gives_numbers(node.args[0].value, ctx)
    if isinstance(node, cst.Set):
        return len(node.elements) == 1 or all(
            not isinstance(element, cst.StarredElement) and _is_number(element.value, ctx) for element in node.elements
        )
    return isinstance(node, cst.SetComp) and _is_number(node.elt, ctx)


def _gives_numbers(node: cst.BaseExpression, ctx: Context) -> bool:
    value = ctx.model.literal(node)
    if isinstance(value, (list, tuple, set)):
        return all(isinstance(item, (int, float)) for item in value)
    if isinstance(node, (cst.ListComp, cst.GeneratorExp, cst.SetComp)):
        return _is_number(node.elt, ctx)
    if isinstance(node, cst.Call):
        name = ctx.model.call(node).name
        if name in ("builtins.list", "builtins.tuple", "builtins.set") and node.args:
            return _gives_numbers(node.args[0].value, ctx)
        if name == "builtins.map" and node.args:
            return ctx.model.qualified_name(node.args[0].value) in ("builtins.int", "builtins.len", "builtins.float")
        return name == "builtins.range" or (name or "").startswith("numpy.")
    if isinstance(node, cst.Name):
        value_node = ctx.model.assigned_value(node)
        return value_node is not None and _gives_numbers(value_node, ctx)
    return False


def _is_number(node: cst.BaseExpression, ctx: Context) -> bool:
    return ctx.model.kind(node) in ("builtins.int", "builtins.float")


def _holds_objects(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a set is spelt out and holds what the code makes or names, rather than literals."""
    return isinstance(node, cst.Set) and not _can_be_sorted(node, ctx)


def _can_be_sorted(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether the elements of a set are known to be strings."""
    if isinstance(node, cst.Set):
        return all(isinstance(element, cst.Element) and _is_string(element.value, ctx) for element in node.elements)
    if isinstance(node, cst.SetComp):
        return _is_string(node.elt, ctx)
    return isinstance(node, cst.Call) and bool(node.args) and _gives_strings(node.args[0].value, ctx)


def _gives_strings(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether what can be iterated over is known to give strings."""
    value = ctx.model.literal(node)
    if isinstance(value, (list, tuple, set)):
        return all(isinstance(item, str) for item in value)
    if isinstance(node, (cst.ListComp, cst.GeneratorExp, cst.SetComp)):
        return _is_string(node.elt, ctx)
    if isinstance(node, cst.Call):
        call = ctx.model.call(node)
        if call.name == "builtins.map" and node.args:
            return ctx.model.qualified_name(node.args[0].value) == "builtins.str"
        return call.name == "re.split" or (call.last_name in _SPLITS and _is_method_of_string(call))
    if isinstance(node, cst.Name):
        assigned = ctx.model.assigned_value(node)
        return assigned is not None and _gives_strings(assigned, ctx)
    return _is_string(node, ctx)  # its characters


_SPLITS = frozenset({"split", "rsplit", "splitlines"})
_GIVE_STRINGS_WORDS = "lower upper casefold capitalize title swapcase strip lstrip rstrip removeprefix removesuffix"
_GIVE_STRINGS = frozenset(_GIVE_STRINGS_WORDS.split())


def _is_string(node: cst.BaseExpression, ctx: Context) -> bool:
    if ctx.model.kind(node) == "builtins.str" or isinstance(ctx.model.literal(node), str):
        return True
    call = ctx.model.call(node) if isinstance(node, cst.Call) else None
    return call is not None and call.last_name in _GIVE_STRINGS and _is_method_of_string(call)


def _is_method_of_string(call: CallSite) -> bool:
    """Tell whether a method that strings have is called on what is not known to be something else."""
    receiver = call.receiver
    if receiver is None or (isinstance(receiver, cst.Attribute) and receiver.attr.value == "str"):
        return False  # a column of strings has the same methods
    return call.name is None or call.name.startswith("builtins.str.")


def _sorted_fix(node: cst.BaseExpression, ctx: Context) -> Fix:
    """Sort the set; ``list(set(x))`` becomes ``sorted(set(x))``."""
    edits: list[Edit] = ctx.fix.wrap(node, "sorted(", ")")
    arg = ctx.model.parent(node)
    outer = ctx.model.parent(arg) if isinstance(arg, cst.Arg) else None
    if isinstance(outer, cst.Call) and len(outer.args) == 1 and ctx.model.call(outer).name == "builtins.list":
        edits = [ctx.fix.replace(outer.func, "sorted")]
    return Fix("Sort the set", edits, Applicability.UNSAFE)
