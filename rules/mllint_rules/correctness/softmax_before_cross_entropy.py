"""The rule ``softmax-before-cross-entropy``."""

from __future__ import annotations

import libcst as cst

from mllint import CallSite, Context, Rule, Severity, on_unit

#: The losses, which apply an activation themselves, and the activations that must not come before.
_SOFTMAX = frozenset({"torch.softmax", "torch.nn.functional.softmax", "torch.nn.Softmax", "torch.Tensor.softmax"})
_SIGMOID = frozenset({"torch.sigmoid", "torch.nn.functional.sigmoid", "torch.nn.Sigmoid", "torch.Tensor.sigmoid"})
_LOSSES = {
    "torch.nn.CrossEntropyLoss": _SOFTMAX,
    "torch.nn.functional.cross_entropy": _SOFTMAX,
    "torch.nn.BCEWithLogitsLoss": _SIGMOID,
    "torch.nn.functional.binary_cross_entropy_with_logits": _SIGMOID,
}
#: What keeps the values as they are.
_KEEPS = frozenset({"view", "reshape", "squeeze", "unsqueeze", "flatten", "float", "to", "contiguous", "permute"})
_DEEPEST = 6


class SoftmaxBeforeCrossEntropy(Rule):
    """A loss of PyTorch that applies softmax itself gets probabilities.

    ## What it does
    Finds `CrossEntropyLoss` and `cross_entropy` that are given the result of a softmax, and `BCEWithLogitsLoss` that is given
    that of a sigmoid: in the call, through a name, as the last layer of an `nn.Sequential`, or as what `forward` of the
    model returns.

    ## Why is this bad
    The activation is applied twice. Nothing fails, but the loss is nearly flat: it can never come close to zero, gradients vanish,
    and the model learns slower and worse.

    ## Example
    ```python
    import torch.nn.functional as F

    probabilities = F.softmax(model(x), dim=1)
    loss = F.cross_entropy(probabilities, y)
    ```

    ## Use instead
    ```python
    import torch.nn.functional as F

    logits = model(x)
    loss = F.cross_entropy(logits, y)
    ```

    ## References
    - PyTorch: `torch.nn.CrossEntropyLoss`, https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """

    name = "softmax-before-cross-entropy"
    category = "correctness"
    severity = Severity.ERROR
    libraries = ("PyTorch",)
    sources = {"torch-preflight": "TG005, TG006", "CodeGuru": "pytorch_redundant_softmax"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the losses of the unit whose first argument is the result of the activation that they apply."""
        text = ctx.unit.text
        if any(word in text for word in ("softmax", "Softmax", "sigmoid", "Sigmoid")):
            for call in ctx.model.calls:
                self._check(call, ctx)

    @staticmethod
    def _check(call: CallSite, ctx: Context) -> None:
        loss = _loss_of(call, ctx)
        if loss is None or not call.positional:
            return
        found = _activation(call.positional[0].value, _LOSSES[loss], ctx, _DEEPEST)
        if found is None:
            return
        kind = "softmax" if _LOSSES[loss] is _SOFTMAX else "sigmoid"
        ctx.report(
            call.positional[0].value,
            f"`{loss.rpartition('.')[2]}` applies {kind} itself, and this has been through {kind} already",
            help="Pass the logits, and apply the activation only to predict",
            trace=[(found, f"The {kind} is applied here")],
        )


def _loss_of(call: CallSite, ctx: Context) -> str | None:
    """Return the loss that a call computes: a function, or an object made before."""
    if call.name in _LOSSES:
        return call.name if call.name.startswith("torch.nn.functional.") else None
    func = call.node.func
    kind = ctx.model.kind(func) if isinstance(func, (cst.Name, cst.Attribute, cst.Call)) else None
    return kind if kind in _LOSSES else None


def _activation(
    node: cst.BaseExpression | None, wanted: frozenset[str], ctx: Context, depth: int
) -> cst.BaseExpression | None:
    """Return the activation that surely is the last thing that was done to a value, or None."""
    if node is None or not depth:
        return None
    if isinstance(node, cst.Name):
        return _activation(ctx.model.assigned_value(node), wanted, ctx, depth - 1)
    if not isinstance(node, cst.Call):
        return None
    call = ctx.model.call(node)
    if call.name in wanted and not call.constructs:
        return node
    func = node.func
    if isinstance(func, cst.Attribute) and func.attr.value in _KEEPS and ctx.model.qualified_name(func.value) is None:
        return _activation(func.value, wanted, ctx, depth - 1)
    if not isinstance(func, (cst.Name, cst.Attribute, cst.Call)):
        return None
    kind = ctx.model.kind(func)
    if kind in wanted:  # ``nn.Softmax(dim=1)(x)``
        return node
    if kind == "torch.nn.Sequential":
        return _last_layer(func, wanted, ctx)
    return _returned(kind, wanted, ctx, depth - 1) if kind is not None else None


def _last_layer(model: cst.BaseExpression, wanted: frozenset[str], ctx: Context) -> cst.BaseExpression | None:
    made = ctx.model.assigned_value(model) if isinstance(model, cst.Name) else model
    if not isinstance(made, cst.Call) or not made.args or made.args[-1].star:
        return None
    last = made.args[-1].value
    return last if isinstance(last, cst.Call) and ctx.model.call(last).name in wanted else None


def _returned(kind: str, wanted: frozenset[str], ctx: Context, depth: int) -> cst.BaseExpression | None:
    """Return the activation that every way out of ``forward`` of a class of the unit ends with."""
    found: cst.BaseExpression | None = None
    for definition in ctx.model.nodes(cst.ClassDef):
        if definition.name.value != kind.rpartition(".")[2]:
            continue
        for method in definition.body.body:
            if isinstance(method, cst.FunctionDef) and method.name.value == "forward":
                for each in ctx.model.descendants(method):
                    if isinstance(each, cst.Return) and ctx.model.function(each) is method:
                        found = _activation(each.value, wanted, ctx, depth)
                        if found is None:
                            return None
    return found
