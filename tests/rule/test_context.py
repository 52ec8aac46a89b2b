"""What a program seeds, and how safe the fix is that seeds a draw."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import msgspec
import pytest

from mllint.config.settings import Settings
from mllint.diagnostics.fix import Applicability
from mllint.project.facts import ModuleSummary, ProjectFacts
from mllint.rule.context import Context
from mllint.semantic.calls import CallSite
from mllint.semantic.knowledge import ClassFact, FunctionFact, Knowledge, LibraryFacts
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit
from mllint.testing.notebooks import notebook_bytes
from mllint.text.edits import apply_edits

DRAWS = FunctionFact(roles=("draws-random",), parameters="n, seed=None", seed="seed")
DICE = LibraryFacts(
    library="Dice",
    modules=("dice",),
    generator="dice",
    functions={
        "dice.draw": msgspec.structs.replace(DRAWS, tags=("global-state",)),
        "dice.fresh": DRAWS,
        "dice.seed": FunctionFact(roles=("seeds",)),
        "dice.work": FunctionFact(),
    },
    classes={
        "dice.Generator": ClassFact(
            tags=("generator",), methods={"seed": FunctionFact(roles=("seeds",), returns="self")}
        ),
        "dice.Trainer": ClassFact(roles=("seeds",), tags=("seeds-everything",)),
    },
)
CARDS = LibraryFacts(
    library="Cards",
    modules=("cards",),
    generator="cards",
    functions={
        "cards.seed": FunctionFact(roles=("seeds",)),
        "cards.seed_all": FunctionFact(roles=("seeds",), tags=("seeds-everything",)),
    },
)
ROOT = Path("/project")


def context_of(code: str, modules: list[ModuleSummary] | None = None, name: str = "train.py") -> Context:
    text = f"import cards\nimport dice\n{code}\n"
    data = notebook_bytes([text]) if name.endswith(".ipynb") else text.encode()
    unit = read_unit(ROOT / name, name, data)
    parse_unit(unit)
    project = ProjectFacts(ROOT, modules={module.name: module for module in modules or []})
    return Context(unit, SemanticModel(unit, Knowledge([DICE, CARDS])), project, Settings(root=ROOT))


def module(
    name: str, *, imports: tuple[str, ...] = (), runs: bool = False, seeds: dict[str, tuple[str, ...]] | None = None
) -> ModuleSummary:
    return ModuleSummary(name, f"{name.replace('.', '/')}.py", imports, seeds or {}, is_entry_point=runs)


def draw_in(context: Context) -> CallSite:
    return next(call for call in context.model.calls if call.last_name in ("draw", "fresh"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("dice.draw(3)", set()),
        ("dice.seed(1)", {"dice"}),
        ("cards.seed(1)\ndice.seed(1)", {"cards", "dice"}),
        ("def start(n):\n    dice.seed(n)", {"dice"}),
        ("cards.seed_all(1)", {"*"}),
        ("dice.Trainer()", {"*"}),
        ("class Own(dice.Trainer):\n    pass\nOwn()", {"*"}),
        # A generator object that is seeded leaves the global one alone.
        ("dice.Generator().seed(1)", set()),
        # Functions that cannot be looked into count by their names.
        ("from lab import set_seed\nset_seed(1)", {"*"}),
        ("from lab import fix_random_seeds\nfix_random_seeds(1)", {"*"}),
        ("import lab\nlab.seed_everything(1)", {"*"}),
        ("from lab import make_deterministic\nmake_deterministic()", {"*"}),
        ("from lab import setSeed\nsetSeed(1)", {"*"}),
        ("from lab import seedling, proceed\nseedling(1)\nproceed()", set()),
        # Those that can be looked into count by what they do.
        ("def set_seed(n):\n    dice.seed(n)\nset_seed(1)", {"dice"}),
    ],
)
def test_seeded_generators_of_a_unit(code: str, expected: set[str]) -> None:
    assert context_of(code).seeded_generators == expected


def test_modules_that_are_imported_seed() -> None:
    modules = [
        module("train", imports=("helpers",)),
        module("helpers", imports=("deep",), seeds={"start": ("cards.seed",)}),
        module("deep", seeds={"": ("dice.seed",)}),
        module("other", seeds={"start": ("cards.seed_all",)}),
    ]
    assert context_of("import helpers", modules).seeded_generators == {"cards", "dice"}


def test_a_seeding_function_of_the_project_counts_by_what_it_does() -> None:
    modules = [module("train", imports=("helpers",)), module("helpers", seeds={"set_seed": ("cards.seed",)})]
    context = context_of("from helpers import set_seed\nset_seed(1)", modules)
    assert context.seeded_generators == {"cards"}
    assert not context.is_seeded("dice")


def test_programs_that_import_the_unit_seed() -> None:
    modules = [
        module("train"),
        module("main", imports=("middle", "helpers"), runs=True),
        module("middle", imports=("train.build",)),
        module("helpers", seeds={"start": ("dice.seed",)}),
    ]
    assert context_of("def build():\n    pass", modules).is_seeded("dice")


def test_neighbours_of_a_notebook_are_found_from_its_directory() -> None:
    modules = [module("book.helpers", seeds={"start": ("dice.seed",)})]
    assert context_of("import helpers", modules, "book/look.ipynb").is_seeded("dice")


def test_is_seeded() -> None:
    context = context_of("dice.seed(1)")
    assert context.is_seeded("dice")
    assert not context.is_seeded("cards")
    assert context_of("cards.seed_all(1)").is_seeded("dice")


def test_an_object_seeds_only_what_comes_after_it() -> None:
    before = context_of("dice.draw(3)\ntrainer = dice.Trainer()")
    assert not before.is_seeded("dice", draw_in(before).node)
    assert before.draws_unseeded(draw_in(before))
    after = context_of("trainer = dice.Trainer()\ndice.draw(3)")
    assert after.is_seeded("dice", draw_in(after).node)
    inside = context_of("def rows():\n    return dice.draw(3)\ntrainer = dice.Trainer(rows)")
    assert inside.is_seeded("dice", draw_in(inside).node)
    both = context_of("dice.draw(3)\ndice.seed(1)\ntrainer = dice.Trainer()")
    assert both.is_seeded("dice", draw_in(both).node)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("dice.draw(3)", True),
        ("dice.draw(3, None)", True),
        ("dice.draw(3, seed=None)", True),
        ("dice.draw(3, seed=1)", False),
        ("dice.draw(3, seed=seed)", False),
        ("dice.draw(*parts)", False),
        ("dice.draw(3, **options)", False),
        ("dice.seed(1)\ndice.draw(3)", False),
        ("cards.seed(1)\ndice.draw(3)", True),
        # What draws from fresh entropy does not care for the global generator.
        ("dice.seed(1)\ndice.fresh(3)", True),
    ],
)
def test_unseeded_draws(code: str, expected: bool) -> None:
    context = context_of(code)
    assert context.draws_unseeded(draw_in(context)) is expected


ONCE = [
    "dice.draw(3)",
    "if big:\n    dice.draw(3)",
    "with lock:\n    dice.draw(3)",
    "def main():\n    dice.draw(3)\n\nif __name__ == '__main__':\n    main()",
    "def inner():\n    dice.draw(3)\ndef main():\n    inner()\nmain()",
    "cards.seed(1)\ndice.draw(3)",
]
OFTEN = [
    "for _ in runs:\n    dice.draw(3)",
    "while True:\n    dice.draw(3)",
    "rows = [dice.draw(3) for _ in runs]",
    "play = lambda: dice.draw(3)",
    "def rows():\n    return dice.draw(3)",
    "def rows():\n    return dice.draw(3)\nrows()\nrows()",
    "def rows():\n    return dice.draw(3)\nfor _ in runs:\n    rows()",
    "def rows():\n    return dice.draw(3)\npool.map(rows, runs)\ndice.work()",
    "@cached\ndef rows():\n    return dice.draw(3)\nrows()",
    "class Rows:\n    def draw(self):\n        return dice.draw(3)\nRows().draw()",
    "def again(n):\n    dice.draw(3)\n    again(n - 1)\nagain(3)",
]


@pytest.mark.parametrize(
    ("code", "applicability"),
    [(code, Applicability.SAFE) for code in ONCE] + [(code, Applicability.UNSAFE) for code in OFTEN],
)
def test_applicability_of_a_seed(code: str, applicability: Applicability) -> None:
    context = context_of(code)
    fix = context.seed_fix(draw_in(context))
    assert fix is not None
    assert fix.applicability is applicability


def test_a_seed_that_a_seeding_call_can_reach_is_unsafe() -> None:
    context = context_of("dice.seed(chosen)\ndice.draw(3)")
    fix = context.seed_fix(draw_in(context))
    assert fix is not None
    assert fix.applicability is Applicability.UNSAFE


def test_a_function_that_other_modules_import_may_run_again() -> None:
    code = "def main():\n    dice.draw(3)\n\nif __name__ == '__main__':\n    main()"
    alone = context_of(code, [module("train", runs=True)])
    assert alone.runs_once(draw_in(alone).node)
    shared = context_of(code, [module("train", runs=True), module("sweep", imports=("train.main",))])
    assert not shared.runs_once(draw_in(shared).node)
    top = context_of("dice.draw(3)", [module("train", runs=True), module("sweep", imports=("train",))])
    assert top.runs_once(draw_in(top).node)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("dice.draw(3)", "dice.draw(3, seed=42)"),
        ("dice.draw(3, seed=None)", "dice.draw(3, seed=42)"),
        ("dice.draw(3, None)", "dice.draw(3, 42)"),
        ("dice.draw(n=3)", "dice.draw(n=3, seed=42)"),
    ],
)
def test_text_of_a_seed(call: str, expected: str) -> None:
    context = context_of(call)
    fix = context.seed_fix(draw_in(context))
    assert fix is not None
    assert apply_edits(context.unit.text, fix.edits).splitlines()[-1] == expected
    assert fix.message == "Add `seed=42`"


def test_a_call_without_a_known_seed_parameter_gets_no_fix() -> None:
    context = context_of("dice.work()")
    assert context.seed_fix(context.model.calls[0]) is None


ENTRY = [
    "dice.work()",
    "print(dice.draw(3))",
    "for row in rows:\n    dice.draw(3)",
    "if __name__ == '__main__':\n    dice.work()",
    "args = parser.parse_args()",
]
IMPORTED = [
    "def work():\n    dice.work()",
    "LIMIT = dice.work()",
    "logging.basicConfig(level=1)",
    "sys.path.append('..')",
    "warnings.filterwarnings('ignore')",
    "frames.set_option('width', 3)",
    "dice.seed(1)",
]


@pytest.mark.parametrize(("code", "expected"), [(c, True) for c in ENTRY] + [(c, False) for c in IMPORTED])
def test_entry_points(code: str, expected: bool) -> None:
    assert context_of(code).is_entry_point is expected
    assert context_of(code, name="look.ipynb").is_entry_point


def test_the_project_knows_what_is_only_imported() -> None:
    assert context_of("dice.work()", [module("train", runs=True)]).is_entry_point
    assert not context_of("dice.work()", [module("train")]).is_entry_point
    assert context_of("dice.work()", [module("train")]).summary is not None
    assert context_of("dice.work()").summary is None


def test_modules_that_run_another_one() -> None:
    project = ProjectFacts(
        ROOT,
        modules={
            summary.name: summary
            for summary in (
                module("pkg", imports=("pkg.core.build",)),
                module("pkg.core"),
                module("main", imports=("pkg.build",)),
                module("alone", imports=("json",)),
            )
        },
    )
    assert [summary.name for summary in project.importing("pkg.core")] == ["main", "pkg"]
    assert project.importing("main") == []


def test_nodes_stand_for_their_range() -> None:
    context = context_of("dice.draw(3)")
    call = draw_in(context)
    assert context.unit.text[slice(*context.range_of(call))] == "dice.draw"
    assert context.unit.text[slice(*context.range_of(call.node))] == "dice.draw(3)"
    assert isinstance(call.node, cst.Call)
