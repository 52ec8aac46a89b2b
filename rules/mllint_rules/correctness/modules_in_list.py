"""The rule ``modules-in-list``."""

import libcst as cst

from mllint import Applicability, Context, Fix, Rule, Severity, on_node

_LISTS = (cst.List, cst.ListComp)
#: What may register the modules of a list after all.
_REGISTERS = frozenset({"ModuleList", "Sequential", "ModuleDict", "add_module", "register_module", "setattr"})


class ModulesInList(Rule):
    """Layers of a PyTorch module are kept in a plain list.

    ## What it does
    Finds `self.x = [nn.Linear(…), …]` and list comprehensions of layers in the `__init__` of classes below `torch.nn.Module`, where nothing in the
    class registers them (`nn.ModuleList(self.x)`, `nn.Sequential(*self.x)`, `add_module`).

    ## Why is this bad
    PyTorch does not look into lists: `parameters()` does not give their weights to the optimizer, so they stay at their random
    start; `to(device)` does not move them and `state_dict()` does not save them.

    ## Example
    ```python
    from torch import nn


    class Encoder(nn.Module):
        def __init__(self, depth):
            super().__init__()
            self.layers = [nn.Linear(64, 64) for _ in range(depth)]
    ```

    ## Use instead
    ```python
    from torch import nn


    class Encoder(nn.Module):
        def __init__(self, depth):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(depth)])
    ```

    ## Fix safety
    The fix is unsafe: the layers begin to learn, and saved weights get more entries.

    ## References
    - PyTorch: `torch.nn.ModuleList`, https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
    """

    name = "modules-in-list"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("PyTorch",)

    @on_node(cst.Assign)
    def check(self, node: cst.Assign, ctx: Context) -> None:
        """Report a list of layers that is assigned to an attribute of a module."""
        target = node.targets[0].target
        if not isinstance(node.value, _LISTS) or not isinstance(target, cst.Attribute) or len(node.targets) > 1:
            return
        owner, function = ctx.model.class_around(node), ctx.model.function(node)
        if owner is None or not isinstance(function, cst.FunctionDef) or function.name.value != "__init__":
            return
        if not isinstance(target.value, cst.Name) or target.value.value != "self":
            return
        if "torch.nn.Module" not in ctx.model.class_bases(owner) or not _holds_modules(node.value, ctx):
            return
        if _is_registered(owner, target.attr.value, ctx):
            return
        ctx.report(
            node.value,
            f"The layers in the list `self.{target.attr.value}` are not registered: they are neither trained nor moved nor saved",
            help="Use `nn.ModuleList`",
            fix=lambda: self._fix(node.value, ctx),
        )

    @staticmethod
    def _fix(value: cst.BaseExpression, ctx: Context) -> Fix:
        name, edits = ctx.fix.import_name("torch.nn", "ModuleList", value)
        return Fix(
            "Wrap the list in `nn.ModuleList`", [*ctx.fix.wrap(value, f"{name}(", ")"), *edits], Applicability.UNSAFE
        )


def _holds_modules(value: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether everything in a list is a layer."""
    if isinstance(value, cst.ListComp):
        return ctx.model.is_kind(value.elt, "torch.nn.Module")
    if not isinstance(value, cst.List) or not value.elements:
        return False
    return all(ctx.model.is_kind(element.value, "torch.nn.Module") for element in value.elements)


def _is_registered(owner: cst.ClassDef, attribute: str, ctx: Context) -> bool:
    """Tell whether the class may register what the attribute holds, or does not train it on purpose."""
    for node in ctx.model.descendants(owner):
        if isinstance(node, cst.Call) and ctx.model.call(node).last_name in _REGISTERS:
            inside = (each for arg in node.args for each in (arg.value, *ctx.model.descendants(arg.value)))
            if ctx.model.call(node).last_name in ("add_module", "register_module", "setattr") or any(
                isinstance(each, cst.Attribute) and each.attr.value == attribute for each in inside
            ):
                return True
    return False
