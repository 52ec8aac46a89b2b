"""The rule ``gradients-not-cleared``."""

from __future__ import annotations

import re

import libcst as cst

from mllint import CallSite, Context, Rule, Severity, on_node

_LOOPS = (cst.For, cst.While)
#: What clears gradients, or works on them by hand, anywhere in a file.
_CLEARS = re.compile(r"zero_\w*grad|clear_\w*grad|reset_\w*grad|\bgrad\b(?!_)")
_OPTIMIZER = re.compile(r"(?i)(?:^|[._])optim\w*$|(?:^|[._])opt$")


class GradientsNotCleared(Rule):
    """A training loop of PyTorch never sets the gradients back to zero.

    ## What it does
    Finds `optimizer.step()` in a loop with `loss.backward()`, where nothing in the file calls `zero_grad` or works on gradients
    in another way.

    ## Why is this bad
    `backward` adds to the gradients that are there. Without `zero_grad` each step follows the sum of the gradients of all
    batches so far: the steps grow, and the loss soon goes up or becomes NaN.

    ## Example
    ```python
    import torch

    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    ```

    ## Use instead
    ```python
    import torch

    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    ```

    ## References
    - PyTorch: zeroing out gradients, https://docs.pytorch.org/tutorials/recipes/recipes/zeroing_out_gradients.html
    """

    name = "gradients-not-cleared"
    category = "correctness"
    severity = Severity.ERROR
    libraries = ("PyTorch",)
    triggers = ("backward",)
    sources = {"dslinter": "W5513", "code-smell catalogue": "Gradients Not Cleared before Backward Propagation"}

    @on_node(cst.Call)
    def check(self, node: cst.Call, ctx: Context) -> None:
        """Report the step of an optimizer where nothing in the file clears gradients."""
        if not isinstance(node.func, cst.Attribute) or node.func.attr.value != "step":
            return
        call = ctx.model.call(node)
        loop = next((above for above in ctx.model.ancestors(call.node) if isinstance(above, _LOOPS)), None)
        if loop is None or not _is_optimizer(call, ctx) or not _goes_back(loop, ctx):
            return
        if ctx.model.function(call.node) is not ctx.model.function(loop) or _CLEARS.search(ctx.unit.text):
            return
        assert call.receiver is not None
        ctx.report(
            call,
            "The gradients are never set back to zero, so every step follows the sum over all batches so far",
            help=f"Call `{ctx.model.text(call.receiver)}.zero_grad()` before each `backward()`",
        )


def _is_optimizer(call: CallSite, ctx: Context) -> bool:
    """Tell whether the receiver is an optimizer of PyTorch, or is named like one and of no known class."""
    if call.receiver is None or call.node.args:
        return False  # a step with a closure clears in there
    if call.receiver_kind is not None:
        return "optimizer" in ctx.knowledge.tags(call.receiver_kind)
    return _OPTIMIZER.search(ctx.model.text(call.receiver)) is not None


def _goes_back(loop: cst.CSTNode, ctx: Context) -> bool:
    return any(
        isinstance(each, cst.Call) and isinstance(each.func, cst.Attribute) and each.func.attr.value == "backward"
        for each in ctx.model.descendants(loop)
    )
