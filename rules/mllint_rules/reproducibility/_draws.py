"""What the rules about unseeded draws share: which draws matter, and the fixes that seed them."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from mllint import Applicability, BindingKind, CallSite, Context, Fix

#: Names of things that may differ from run to run without any harm to a result.
_HARMLESS = re.compile(
    r"(?i)(?:^|_)(?:dummy|fake|port|delay|sleep|wait|jitter|backoff|timeout|agent|proxy|colou?rs?|palette|cmap|"
    r"tmp|temp|suffix|prefix|token|salt|nonce|password|passwd|secret|uid|uuid|filename|dirname|run_?name|"
    r"preview|demo|quote|greeting|joke|reply|response|answer|message)(?:_|s?$)"
)
#: Names of functions that show something to a person, wait, or only measure.
_SHOWS = re.compile(
    r"(?i)(?:^|_)(?:show|display|plot\w*|visuali[sz]e|view|print|preview|demo|imshow|scatter\w*|hist\w*|bar|barh|"
    r"boxplot|contourf?|image_?grid|make_grid|render|sleep|wait|retry|backoff|benchmark|profile|timeit|time|summary|"
    r"flops|trace|export|onnx|jitter|log|debug|html|input|markdown|write)(?:_|$|[A-Z])"
)
#: Methods that change what they are called on, so that a bare call of them does more than show something.
_CHANGES = re.compile(r"(?:append|extend|add|insert|update|push|put|fit|train|step|setdefault|shuffle|copy_|set_\w+)$")
#: Roles of calls whose outcome is a result of the program.
_WORK = frozenset(
    {"fits", "fits-and-transforms", "trains", "predicts", "scores", "cross-validates", "searches", "splits"}
    | {"saves-data", "saves-model", "writes-file", "tracks"}
)
#: Callees that only give a value another form.
_CONVERTS = frozenset({"str", "int", "float", "len", "repr", "list", "tuple", "round", "type", "format", "item"})
#: Modules of apps for people, in which chance is part of the play.
_INTERACTIVE = frozenset({"gradio", "streamlit", "pygame", "flask", "discord", "telegram"})
#: Modules by which a program runs in several processes, each of which runs the top of the script.
_PROCESSES = (
    *("multiprocessing", "concurrent.futures", "torch.multiprocessing", "torch.distributed", "pathos", "ray"),
    *("accelerate", "deepspeed", "horovod", "mpi4py"),
)


def takes_generator(call: CallSite) -> bool:
    """Tell whether the callee is seeded by a generator object instead of a number."""
    return call.fact is not None and call.fact.seed == "generator"


def seed_argument_fix(ctx: Context, call: CallSite, *, positional: bool = False) -> Callable[[], Fix | None] | None:
    """Return what makes the fix that passes a seed, or None where the call hides a None behind a name.

    Args:
        positional: pass the seed as ``default_rng(42)`` where it is the first and only argument.
    """
    seed = call.draws_with()
    if seed is None or (seed.present and seed.node is None):
        return None

    def fix() -> Fix | None:
        made = ctx.seed_fix(call)
        if made is None or not positional or call.node.args:
            return made
        text = str(ctx.settings.seed)
        edits = [edit._replace(content=text) if edit.content.endswith(f"={text}") else edit for edit in made.edits]
        return Fix(f"Add the seed `{text}`", edits, made.applicability)

    return fix


def is_fallback(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a generator is made only where the caller gave none: ``if rng is None``, ``rng or default_rng()``."""
    inner = node
    for above in ctx.model.ancestors(node):
        if isinstance(above, (cst.If, cst.IfExp)) and inner is not above.test:
            return True
        if isinstance(above, (cst.BooleanOperation, cst.Param)):
            return True
        if isinstance(above, (cst.FunctionDef, cst.Module)):
            return False
        inner = above
    return False


def is_about_data(ctx: Context) -> bool:
    """Tell whether the unit imports a library that knowledge is about, the standard library left out."""
    libraries = (ctx.knowledge.library_of(module) for module in ctx.model.imported_modules)
    return any(library is not None and library.distributions for library in libraries)


def is_interactive(ctx: Context) -> bool:
    """Tell whether the unit is an app for people."""
    return not _INTERACTIVE.isdisjoint(ctx.model.imported_modules)


def is_harmless(call: CallSite, ctx: Context, *, follow: bool = True) -> bool:
    """Tell whether what a call draws is only shown, slept for, or used as a name, a colour or a stand-in for data.

    Args:
        follow: look at the uses of the variable that the drawn value is assigned to.
    """
    model = ctx.model
    inner: cst.CSTNode = call.node
    for node in model.ancestors(call.node):
        if isinstance(node, cst.FormattedString):
            return True
        if isinstance(node, cst.Arg) and node.keyword is not None and _HARMLESS.search(node.keyword.value):
            return True
        if isinstance(node, cst.DictElement) and _HARMLESS.search(str(model.literal(node.key)).replace("-", "_")):
            return True
        if isinstance(node, cst.Call) and inner is not node.func:
            outer = model.call(node)
            if _SHOWS.search(outer.last_name):
                return True
            if outer.fact is None or _WORK.intersection(outer.roles):
                return False
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            return _is_harmless_assignment(node, ctx, follow=follow)
        if isinstance(node, cst.Expr):
            return not _changes_something(call, node, ctx)
        if isinstance(node, cst.BaseCompoundStatement):
            break
        inner = node
    return False


def is_in_harmless_function(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code is in a function or class whose name says that it shows something, waits or measures."""
    return any(
        isinstance(above, (cst.FunctionDef, cst.ClassDef))
        and (_SHOWS.search(above.name.value) or _HARMLESS.search(above.name.value))
        for above in ctx.model.ancestors(node)
    )


def _is_harmless_assignment(node: cst.Assign | cst.AnnAssign, ctx: Context, *, follow: bool) -> bool:
    targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
    for target in targets:
        name = target.attr if isinstance(target, cst.Attribute) else target
        if not isinstance(name, cst.Name):
            return False
        if _HARMLESS.search(name.value):
            return True
        binding = ctx.model.walk.bindings.get(name) if follow else None
        if binding is None or binding.kind is not BindingKind.ASSIGNMENT:
            return False
        uses = ctx.model.uses(binding)
        if not uses or not all(is_shown(use, ctx) for use in uses):
            return False
    return True


def is_shown(use: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether what reads a value only shows it to a person."""
    for node in ctx.model.ancestors(use):
        if isinstance(node, cst.FormattedString):
            return True
        if isinstance(node, cst.Call):
            name = ctx.model.call(node).last_name
            if name in _CONVERTS:
                continue
            return _SHOWS.search(name) is not None
        if isinstance(node, cst.Expr):
            return True
        if isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
    return False


def _changes_something(call: CallSite, statement: cst.Expr, ctx: Context) -> bool:
    """Tell whether a statement that is an expression does more than show a value, as the last line of a cell does."""
    if "shuffles" in call.roles and call.fact is not None and call.fact.returns is None:
        return True  # shuffles in place
    return _calls_that_change(statement.value, ctx)


def _calls_that_change(value: cst.BaseExpression, ctx: Context) -> bool:
    outer = value
    while isinstance(outer, (cst.Attribute, cst.Subscript)):
        outer = outer.value
    if not isinstance(outer, cst.Call):
        return isinstance(outer, (cst.Await, cst.Yield))
    call = ctx.model.call(outer)
    return call.fact is None or bool(_CHANGES.match(call.last_name)) or bool(_WORK.intersection(call.roles))


def seed_program_fix(ctx: Context, call: CallSite, module: str, function: str) -> Fix:
    """Return the fix that seeds a global generator once, after the imports at the top of the script or cell.

    It is safe unless other code may run the top of the file too: modules that import it, and worker processes, whose
    draws would become equal.
    """
    expression, edits = ctx.fix.import_name(module, None, call.node)
    line = f"{expression}.{function}({ctx.settings.seed})"
    imported = ctx.summary is not None and ctx.project.importing(ctx.summary.name)
    return Fix(
        f"Add `{line}`",
        [*edits, ctx.fix.insert_after_imports(line, call.node)],
        Applicability.UNSAFE if imported or runs_in_processes(ctx) else Applicability.SAFE,
    )


def runs_in_processes(ctx: Context) -> bool:
    """Tell whether the unit may run in several processes, whose draws one seed would make equal."""
    return any(name.startswith(_PROCESSES) for name in ctx.model.imported_modules)


def who_seeds(ctx: Context, generator: str) -> str:
    """Return the part of a message that tells why a draw is unseeded."""
    return "which is seeded only further down" if ctx.is_seeded(generator) else "which nothing seeds"


def later_draws(count: int) -> str:
    """Return the end of a message that tells how many draws follow the first one."""
    return "" if not count else f" ({count} more draw{'s' if count > 1 else ''} below)"
