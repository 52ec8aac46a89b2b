"""The rule ``loss-kept-with-graph``."""

from collections.abc import Iterator

import libcst as cst

from mllint import Applicability, Context, Fix, Rule, on_node

_LOOPS = (cst.For, cst.While)
_KEEPS = frozenset({"append", "add", "insert"})
#: What makes a plain number of a loss, or cuts it off its graph.
_CUTS = frozenset({"item", "detach", "detach_", "tolist", "numpy", "cpu"})

_WITHOUT = frozenset({"no_grad", "inference_mode", "set_grad_enabled"})


class LossKeptWithGraph(Rule):
    """Losses of PyTorch are added up or collected together with their graphs.

    ## What it does
    Finds `total += loss` and `losses.append(loss)` in a training loop, where `loss.backward()` is called in the same loop and
    the sum or the list is never used to go back.

    ## Why is this bad
    Each loss holds on to the graph of its step, so that memory grows with every round, and training slows down or fails hours
    after it began.

    ## Example
    ```python
    import torch

    total = 0.0
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss
    print(total / len(loader))
    ```

    ## Use instead
    ```python
    import torch

    total = 0.0
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(total / len(loader))
    ```

    ## Fix safety
    The fix is unsafe: the sum becomes a number of Python, which has no `cpu()` or `backward()`.

    ## References
    - PyTorch: frequently asked questions, "My model reports cuda runtime error(2): out of memory",
      https://docs.pytorch.org/docs/stable/notes/faq.html
    """

    name = "loss-kept-with-graph"
    category = "correctness"
    fixes = (Applicability.UNSAFE,)
    libraries = ("PyTorch",)
    sources = {"torch-preflight": "TG001"}

    @on_node(cst.AugAssign)
    def check_sum(self, node: cst.AugAssign, ctx: Context) -> None:
        """Report a loss that is added to a sum of the loop around."""
        if isinstance(node.operator, cst.AddAssign) and isinstance(node.target, (cst.Name, cst.Attribute)):
            self._check(node, node.value, node.target, ctx)

    @on_node(cst.Call)
    def check_list(self, node: cst.Call, ctx: Context) -> None:
        """Report a loss that is put into a list of the loop around."""
        func = node.func
        if not isinstance(func, cst.Attribute) or func.attr.value not in _KEEPS or not node.args:
            return
        if isinstance(ctx.model.parent(node), cst.Expr):
            self._check(node, node.args[-1].value, func.value, ctx)

    @staticmethod
    def _check(node: cst.CSTNode, kept: cst.BaseExpression, keeper: cst.CSTNode, ctx: Context) -> None:
        if not isinstance(kept, cst.Name):
            return
        loop = next((each for each in ctx.model.ancestors(node) if isinstance(each, _LOOPS)), None)
        if loop is None or not _is_loss(kept.value, loop, ctx) or _is_rebound(kept, loop, node, ctx):
            return
        if _has_no_graph(node, ctx):
            return
        name = ctx.model.text(keeper)
        function = ctx.model.function(node)
        around = [function] if function is not None else [c.module for c in ctx.unit.cells if c.module is not None]
        if any(_goes_back(name, each, ctx) for each in around) or _is_made_in(keeper, loop, ctx):
            return
        # Where the sum is asked for what only tensors have, it must stay one.
        stays = any(_is_used_as_tensor(name, each, ctx) for each in around)
        without = f"{kept.value}.detach()" if stays else f"{kept.value}.item()"
        ctx.report(
            kept,
            f"`{kept.value}` is kept with the graph of its step, so memory grows with every round",
            help=f"Keep `{without}`",
            fix=Fix(f"Keep `{without}`", [ctx.fix.replace(kept, without)], Applicability.UNSAFE),
        )


_OF_TENSORS = frozenset({"item", "cpu", "detach", "numpy", "to", "cuda", "tolist", "data"})


def _is_used_as_tensor(name: str, around: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code asks what has a name for something that only tensors have."""
    return any(
        isinstance(node, cst.Attribute) and node.attr.value in _OF_TENSORS and ctx.model.text(node.value) == name
        for node in ctx.model.descendants(around)
    )


def _has_no_graph(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code runs where PyTorch makes no graphs: ``with torch.no_grad():``."""
    return any(
        isinstance(above, cst.With)
        and any(
            isinstance(item.item, cst.Call) and ctx.model.call(item.item).last_name in _WITHOUT for item in above.items
        )
        for above in ctx.model.ancestors(node)
    )


def _is_loss(name: str, loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether ``backward`` is called on a value itself, or on it scaled, not on what a call makes of it."""
    for each in ctx.model.descendants(loop):
        if not isinstance(each, cst.Call) or not isinstance(each.func, cst.Attribute):
            continue
        if each.func.attr.value == "backward" and any(
            name in _terms(part, ctx) for part in (each.func.value, *(arg.value for arg in each.args))
        ):
            return True
    return False


def _terms(node: cst.CSTNode, ctx: Context) -> Iterator[str]:
    """Yield the names and attributes that a value is computed from without another function than ``scaler.scale``."""
    if _is_path(node):
        yield ctx.model.text(node)
    if isinstance(node, cst.Call):
        scales = isinstance(node.func, cst.Attribute) and node.func.attr.value == "scale"
        for part in (arg.value for arg in node.args) if scales else (node.func,):
            yield from _terms(part, ctx)
    else:
        for child in node.children:
            yield from _terms(child, ctx)


def _goes_back(name: str, within: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether ``backward`` is called, in some code, on a value, or a value is handed to something that does it."""
    for each in ctx.model.descendants(within):
        if not isinstance(each, cst.Call) or not isinstance(each.func, cst.Attribute):
            continue
        if each.func.attr.value == "backward" and name in _roots(each, ctx):
            return True
    return False


def _roots(call: cst.Call, ctx: Context) -> set[str]:
    """Return what ``backward`` is called on, or given: ``loss``, and ``loss`` of ``(loss / 2)`` or ``scaler.scale(loss)``."""
    assert isinstance(call.func, cst.Attribute)
    parts = [call.func.value, *(arg.value for arg in call.args)]
    return {ctx.model.text(each) for part in parts for each in (part, *ctx.model.descendants(part)) if _is_path(each)}


def _is_path(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.Name, cst.Attribute))


def _is_rebound(kept: cst.Name, loop: cst.For | cst.While, node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a name was given a plain number, or another thing, before it is kept: ``loss = loss.item()``."""
    for each in ctx.model.descendants(loop):
        if not isinstance(each, cst.Assign) or ctx.model.order(each) > ctx.model.order(node):
            continue
        names = [n for t in each.targets for n in (t.target, *ctx.model.descendants(t.target))]
        if any(isinstance(n, cst.Name) and n.value == kept.value for n in names) and any(
            isinstance(part, cst.Attribute) and part.attr.value in _CUTS for part in ctx.model.descendants(each.value)
        ):
            return True
    return False


def _is_made_in(keeper: cst.CSTNode, loop: cst.For | cst.While, ctx: Context) -> bool:
    """Tell whether what keeps the loss is made anew in every round."""
    text = ctx.model.text(keeper)
    return any(
        isinstance(each, cst.Assign) and any(ctx.model.text(target.target) == text for target in each.targets)
        for each in ctx.model.descendants(loop)
    )
