"""The rule ``unseeded-torch``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from mllint import Applicability, CallSite, Context, Rule, on_unit
from mllint_rules.reproducibility._draws import (
    GlobalGenerator,
    is_benchmark,
    matters,
    only_orders_evaluation,
    report_first_draw,
    runs_in_processes,
    takes_generator,
)

_TORCH = GlobalGenerator(
    "torch", "PyTorch's", "torch", "manual_seed", help="Call `torch.manual_seed` once at the start"
)


class UnseededTorch(Rule):
    """A script or notebook trains a PyTorch model without a seed.

    ## What it does
    Finds scripts and notebooks that train a model (they call `backward`, or pass an optimizer on) although nothing in the
    program seeds PyTorch's global generator. The diagnostic is at the first place that draws from it: a layer or a
    model that draws its first parameters, a loader that shuffles, a sampler or `random_split` without `generator`, or
    a call such as `torch.randn` whose numbers reach the model, a score or a file. Without training, only draws that
    decide which rows are used, such as `torch.randperm`, are reported. Programs that start several processes and
    benchmarks that train on noise are left alone, and so are draws that are only shown and the order of the rows that
    a model is evaluated on.

    `torch.manual_seed` counts as seeding, and so do `seed_everything` of Lightning, `set_seed` of Transformers and
    Accelerate, and Transformers' `Trainer`, which seeds everything when it is made.

    ## Why is this bad
    The first parameters, dropout and the order of batches differ from run to run, and so do the losses and scores.
    Whether a change of the code was an improvement cannot be told from whether the draw was lucky.

    ## Example
    ```python
    import torch
    from torch import nn

    model = nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = nn.functional.mse_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    ```

    ## Use instead
    ```python
    import torch
    from torch import nn

    torch.manual_seed(42)
    model = nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = nn.functional.mse_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    ```

    ## Fix safety
    The fix calls `torch.manual_seed` once, after the imports, before anything can draw. That picks one of the possible runs and keeps the draws
    independent of each other, so it is safe. It is unsafe where other modules import the file, because
    the seed would then be set for them too. Programs that start other processes are left alone: each process needs a
    seed of its own.

    ## Notebook behaviour
    A notebook is a program of its own, whatever it contains, so it is always checked. The fix seeds in the first cell
    with code after the import of PyTorch, or of a library on top of it.

    ## References
    - PyTorch: Reproducibility, https://pytorch.org/docs/stable/notes/randomness.html
    """

    name = "unseeded-torch"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)
    libraries = ("PyTorch",)
    triggers = ("torch",)

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the first draw of a program that trains."""
        if not seeds_whole_program(ctx):
            return  # with several processes each needs its own seed, and which is for people to say
        trains = _trains(ctx)
        if is_benchmark(ctx) or (trains and _feeds_noise(ctx)):
            return
        draws = [
            call
            for call in ctx.model.calls
            if (_draws(call, ctx) or (trains and _makes_parameters(call, ctx)))
            and (trains or _chooses_rows(call))
            and not ctx.is_seeded("torch", call.node)
            and matters(call, ctx, rows=_moves_rows(call))
        ]
        if not draws:
            return
        draws.sort(
            key=lambda call: ctx.model.class_around(call.node) is not None
        )  # what makes a model before its layers
        report_first_draw(
            ctx,
            _TORCH,
            draws,
            what="gets its first parameters" if _makes_parameters(draws[0], ctx) else "draws",
            effect="trains a different model" if trains else "gets different numbers",
            near=_start(draws[0], ctx),
        )


def _start(draw: CallSite, ctx: Context) -> cst.CSTNode:
    """Return the first code after the first import of PyTorch or of a library on top of it, or else a draw itself.

    What is made before the draw that is reported may draw too, such as the rows of new tokens, unknown to everybody
    but the library.
    """
    imported = False
    for cell in ctx.unit.cells:
        for statement in cell.module.body if cell.module is not None else ():
            if ctx.model.order(statement) >= ctx.model.order(draw.node):
                return draw.node
            if _is_import(statement):
                imported = imported or any(_is_on_torch(name, ctx) for name in _imported_by(statement, ctx))
            elif imported and not _is_magic(statement, ctx):
                return statement
    return draw.node


def _is_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and all(
        isinstance(small, (cst.Import, cst.ImportFrom)) for small in statement.body
    )


def _imported_by(statement: cst.CSTNode, ctx: Context) -> Iterator[str]:
    for imported in ctx.model.imports:
        if ctx.model.parent(imported.statement) is statement:
            yield imported.target


def _is_on_torch(name: str, ctx: Context) -> bool:
    library = ctx.knowledge.library_of(name)
    return library is not None and library.generator == "torch"


def _is_magic(statement: cst.CSTNode, ctx: Context) -> bool:
    place = ctx.model.range(statement)
    return any(magic.range.overlaps(place) for cell in ctx.unit.cells for magic in cell.magics)


def seeds_whole_program(ctx: Context) -> bool:
    """Tell whether the unit is where a program of one process seeds PyTorch for all of its draws."""
    return ctx.is_entry_point and not runs_in_processes(ctx)


def _trains(ctx: Context) -> bool:
    calls = ctx.model.calls
    if any(call.last_name == "backward" or "trains" in call.roles for call in calls):
        return True
    optimizes = any("optimizer" in ctx.knowledge.tags(base) for call in calls for base in call.constructs)
    return optimizes and any(_TRAINS.search(call.last_name) for call in calls)


#: Names of functions elsewhere that are given a model and its optimizer.
_TRAINS = re.compile(r"(?i)(?:^|_)(?:train|fit|learn|optimi[sz]e)(?:_|$)")


def _feeds_noise(ctx: Context) -> bool:
    """Tell whether a program trains on noise from a loop or a dataset, as smoke tests and benchmarks of speed do."""
    if ctx.model.calls_with_role("loads-data", "saves-model"):
        return False
    noise = [call for call in ctx.model.calls if _draws(call, ctx) and not _moves_rows(call)]
    return any(ctx.model.in_loop(call.node) or _is_in_dataset(call.node, ctx) for call in noise)


def _is_in_dataset(node: cst.CSTNode, ctx: Context) -> bool:
    owner = ctx.model.class_around(node)
    return owner is not None and any("dataset" in ctx.knowledge.tags(base) for base in ctx.model.class_bases(owner))


def _draws(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call draws from the global generator, or makes a loader that does."""
    if call.name is None or ctx.knowledge.generator_behind(call.name) != "torch":
        return False
    if takes_generator(call):
        return ctx.draws_unseeded(call) and not only_orders_evaluation(call, ctx)
    if call.constructs or "draws-random" not in call.roles:
        return False
    return not _has_learned(call) and not _is_overwritten(call, ctx)


def _has_learned(call: CallSite) -> bool:
    """Tell whether a model comes with its weights, so that what it was given first does not matter."""
    if "loads-model" not in call.roles:
        return False
    weights = call.argument("weights")
    return call.literal("pretrained") is True or (weights.present and call.literal("weights") is not None)


def _moves_rows(call: CallSite) -> bool:
    """Tell whether a draw decides which rows are used, and in which order."""
    return "dataloader" in call.tags or not _ROWS.isdisjoint(call.roles)


_ROWS = frozenset({"shuffles", "samples", "splits"})


def _chooses_rows(call: CallSite) -> bool:
    """Tell whether a draw decides which rows are used; a loader that nothing learns from only gives them in turn."""
    return _moves_rows(call) and "dataloader" not in call.tags


def _makes_parameters(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call makes a layer with parameters, or a model of the unit that makes some."""
    if not any(_is_module(base, ctx) for base in call.constructs) or _is_overwritten(call, ctx):
        return False
    name = call.constructs[0]
    if ctx.knowledge.is_class(name):
        return ctx.knowledge.generator_behind(name) == "torch"
    return any(
        layer.name is not None
        and (owner := ctx.model.class_around(layer.node)) is not None
        and owner.name.value == name.rpartition(".")[2]
        and ctx.knowledge.generator_behind(layer.name) == "torch"
        for layer in ctx.model.calls
    )


def _is_overwritten(call: CallSite, ctx: Context) -> bool:
    """Tell whether a model is given parameters from a file after it is made."""
    names = [above for above in ctx.model.ancestors(call.node) if isinstance(above, cst.Assign)][:1]
    for assignment in names:
        binding = ctx.model.walk.bindings.get(assignment.targets[0].target)
        for use in ctx.model.uses(binding) if binding is not None else ():
            above = ctx.model.parent(use)
            if isinstance(above, cst.Attribute) and above.attr.value == "load_state_dict":
                return True
    return False


def _is_module(name: str, ctx: Context) -> bool:
    library = ctx.knowledge.library_of(name)
    return library is not None and library.generator == "torch" and "module" in ctx.knowledge.tags(name)
