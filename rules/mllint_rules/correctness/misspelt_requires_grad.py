"""The rule ``misspelt-requires-grad``."""

import libcst as cst

from mllint import Applicability, Context, Fix, Rule, Severity, on_node

_MISSPELT = frozenset({"require_grad", "requires_gradient", "require_gradient", "requires_grads", "required_grad"})


class MisspeltRequiresGrad(Rule):
    """An attribute is set that is nearly called `requires_grad`.

    ## What it does
    Finds assignments of a truth value to `require_grad`, `requires_gradient` and similar names of attributes, in code that uses PyTorch.

    ## Why is this bad
    Python makes a new attribute, and nothing happens: layers that should be frozen go on learning, or the other way round. There is no
    error, only a model that is worse and slower to train than it should be.

    ## Example
    ```python
    import torch

    for parameter in model.parameters():
        parameter.require_grad = False
    ```

    ## Use instead
    ```python
    import torch

    for parameter in model.parameters():
        parameter.requires_grad = False
    ```

    ## Fix safety
    The fix is unsafe, because it changes what is trained.

    ## References
    - PyTorch: autograd mechanics, https://docs.pytorch.org/docs/stable/notes/autograd.html
    """

    name = "misspelt-requires-grad"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("PyTorch",)
    sources = {"TorchFix": "TOR002"}

    @on_node(cst.Assign)
    def check(self, node: cst.Assign, ctx: Context) -> None:
        """Report the attribute where it is set to True or False."""
        for target in node.targets:
            attribute = target.target
            if not isinstance(attribute, cst.Attribute) or attribute.attr.value not in _MISSPELT:
                continue
            if isinstance(attribute.value, cst.Name) and attribute.value.value in ("self", "cls"):
                continue  # an attribute of their own
            if isinstance(ctx.model.literal(node.value), bool):
                ctx.report(
                    attribute.attr,
                    f"`{attribute.attr.value}` does nothing: the attribute is called `requires_grad`",
                    fix=Fix(
                        "Write `requires_grad`",
                        [ctx.fix.replace(attribute.attr, "requires_grad")],
                        Applicability.UNSAFE,
                    ),
                )
