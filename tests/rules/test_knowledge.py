"""The knowledge files agree with themselves: words of the vocabulary, names that resolve, parameters that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import mllint_rules
import pytest

from mllint.semantic.knowledge import ClassFact, FunctionFact, Knowledge, LibraryFacts, Signature, load_knowledge_file

FOLDER = Path(mllint_rules.__file__).parent / "knowledge"
FILES = sorted(FOLDER.glob("*.toml"))
ROLES = """
    loads-data splits samples resamples fits transforms fits-and-transforms predicts scores cross-validates searches
    reduces-rows keeps-rows selects-rows merges-rows chooses draws-random seeds makes-generator shuffles saves-data saves-model
    loads-model downloads calls-llm tracks logs lists-files reads-file writes-file trains orders-rows drops-columns
    takes-column selects-columns renames-columns assigns-columns computes-columns fits-further
"""
TAGS = """
    learns-statistics learns-vocabulary stateless supervised selects-features reduces-dimensions resampler oversampler
    undersampler classifier regressor clusterer estimator splitter time-aware group-aware pipeline search dataframe
    series array tensor dataset dataloader module optimizer generator hub global-state clock entropy checksum
    seeds-everything seeds-members outlier-detector counts keyed affine scale-invariant counts-features imputer missing-mask broadcasts per-group
    learns-edges threshold-curve
    selects-epoch expression groups groups-rows windows-rows windows shifts differences fills-gaps picks-columns model forecaster
    cross-fits trainer metric part-major augments beside membership-mask one-by-one in-place
"""
REQUIRED = frozenset({"numpy.roll"})
"""Conditions of these are about a parameter that every call gives."""
LARGEST = 1_000_000
"""Bytes of TOML in all: the files are read on every run that is not cached."""


@pytest.fixture(scope="module")
def libraries() -> dict[str, LibraryFacts]:
    return {path.name: load_knowledge_file(path) for path in FILES}


@pytest.fixture(scope="module")
def knowledge(libraries: dict[str, LibraryFacts]) -> Knowledge:
    return Knowledge(libraries.values())


def facts_of(library: LibraryFacts) -> Iterator[tuple[str, FunctionFact | ClassFact]]:
    """Yield all facts of a file with their qualified names; methods by convention have none but their own."""
    yield from library.functions.items()
    yield from library.methods.items()
    for name, fact in library.classes.items():
        yield name, fact
        for method, method_fact in fact.methods.items():
            yield f"{name}.{method}", method_fact


def all_facts(libraries: dict[str, LibraryFacts]) -> Iterator[tuple[str, FunctionFact | ClassFact]]:
    for library in libraries.values():
        yield from facts_of(library)


def signature_of(knowledge: Knowledge, name: str, fact: FunctionFact | ClassFact) -> Signature | None:
    """Return the parameters of what a fact is about; a constructor may be that of a base."""
    if isinstance(fact, FunctionFact):
        return fact.signature
    seen = knowledge.function(name)
    assert seen is not None, name
    return seen.signature


def conditions_of(fact: FunctionFact | ClassFact) -> list[str]:
    """Return the parameters that the conditions of a fact are about."""
    conditions = [*fact.seed_when, *fact.selects_when]
    if isinstance(fact, FunctionFact):
        conditions += [*fact.ahead_when, *fact.behind_when, *fact.ordered_when]
    return [re.split("!=|[=<>]", condition)[0] for condition in conditions if condition != "always"]


def test_every_file_is_read(libraries: dict[str, LibraryFacts]) -> None:
    assert {"sklearn.toml", "numpy.toml", "pandas.toml", "torch.toml", "python.toml"} <= libraries.keys()
    names = [library.library for library in libraries.values()]
    assert len(set(names)) == len(names)


def test_a_module_belongs_to_one_library(libraries: dict[str, LibraryFacts]) -> None:
    modules = [module for library in libraries.values() for module in library.modules]
    assert sorted(modules) == sorted(set(modules))


def test_roles_are_of_the_vocabulary(libraries: dict[str, LibraryFacts]) -> None:
    wrong = {name: set(fact.roles).difference(ROLES.split()) for name, fact in all_facts(libraries)}
    assert {name: words for name, words in wrong.items() if words} == {}


def test_tags_are_of_the_vocabulary(libraries: dict[str, LibraryFacts]) -> None:
    wrong = {name: set(fact.tags).difference(TAGS.split()) for name, fact in all_facts(libraries)}
    assert {name: words for name, words in wrong.items() if words} == {}


def test_no_name_is_both_function_and_class(knowledge: Knowledge) -> None:
    assert knowledge.functions.keys() & knowledge.classes.keys() == set()


def test_no_fact_is_kept_under_an_alias(knowledge: Knowledge) -> None:
    kept = [*knowledge.functions, *knowledge.classes]
    assert [name for name in kept if knowledge.canonical(name) != name] == []


def test_aliases_lead_somewhere(knowledge: Knowledge) -> None:
    known = [*knowledge.functions, *knowledge.classes]
    prefixes = {".".join(name.split(".")[:end]) for name in known for end in range(1, name.count(".") + 2)}
    assert [alias for alias in knowledge.aliases if knowledge.canonical(alias) not in prefixes] == []


def test_named_classes_exist(knowledge: Knowledge, libraries: dict[str, LibraryFacts]) -> None:
    named: list[tuple[str, str]] = []
    for name, fact in all_facts(libraries):
        if isinstance(fact, ClassFact):
            others = (*fact.bases, fact.item, fact.selection, *fact.attributes.values())
            named += [(name, other) for other in others if other is not None]
        elif fact.returns is not None:
            named.append((name, fact.returns))
    missing = [
        (name, other)
        for name, other in named
        if other != "self" and other != "builtins.int" and not knowledge.is_class(other)
    ]
    assert missing == []


def test_named_parameters_exist(knowledge: Knowledge, libraries: dict[str, LibraryFacts]) -> None:
    wrong: list[tuple[str, str]] = []
    for name, fact in all_facts(libraries):
        signature = signature_of(knowledge, name, fact)
        named = [*fact.data, *fact.paths, *fact.validation, *([fact.seed] if fact.seed else []), *conditions_of(fact)]
        for parameter in named:
            written = (
                [f"{'*' * (known.kind == '*')}{known.name}" for known in signature.parameters] if signature else []
            )
            if parameter.partition(".")[0] not in written:
                wrong.append((name, parameter))
    assert wrong == []


def test_conditions_are_about_known_defaults(knowledge: Knowledge, libraries: dict[str, LibraryFacts]) -> None:
    """What depends on an argument must be decidable where it is left out; one that cannot be left out has no default."""
    undecidable = [
        (name, parameter)
        for name, fact in all_facts(libraries)
        for parameter in conditions_of(fact)
        if (signature := signature_of(knowledge, name, fact)) is None
        or (signature.default(parameter) is None and name not in REQUIRED)
    ]
    assert undecidable == []


def test_seeds_are_open_by_default(knowledge: Knowledge, libraries: dict[str, LibraryFacts]) -> None:
    """A parameter with a fixed default seed leaves nothing unseeded; only calls that seed must be given one."""
    fixed = []
    for name, fact in all_facts(libraries):
        signature = signature_of(knowledge, name, fact)
        if fact.seed is not None and signature is not None and "seeds" not in fact.roles:
            default = signature.default(fact.seed)
            if default not in (None, "None"):
                fixed.append((name, default))
    assert fixed == []


def test_distinctive_names_are_last_names(knowledge: Knowledge) -> None:
    for last, name in knowledge.distinctive.items():
        assert name.rpartition(".")[2] == last
        assert knowledge.function(name) is not None, name


def test_usual_import_names_are_modules(knowledge: Knowledge) -> None:
    assert [name for name in knowledge.import_names.values() if knowledge.library_of(name) is None] == []


def test_known_signatures_parse(knowledge: Knowledge, libraries: dict[str, LibraryFacts]) -> None:
    for name, fact in all_facts(libraries):
        signature = signature_of(knowledge, name, fact)
        if signature is not None:
            names = [parameter.name for parameter in signature.parameters]
            assert len(names) == len(set(names)), name
            assert all(part.isidentifier() for part in names), (name, names)


def test_the_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < LARGEST


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("sklearn.cross_validation.train_test_split", "sklearn.model_selection.train_test_split"),
        ("sklearn.ensemble.forest.RandomForestClassifier", "sklearn.ensemble.RandomForestClassifier"),
        ("sklearn.ensemble._forest.RandomForestClassifier", "sklearn.ensemble.RandomForestClassifier"),
        ("sklearn.preprocessing.Imputer", "sklearn.impute.SimpleImputer"),
        ("sklearn.externals.joblib.dump", "joblib.dump"),
        ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.compat.v1.set_random_seed", "tensorflow.random.set_seed"),
        ("pytorch_lightning.seed_everything", "lightning.pytorch.seed_everything"),
        ("torch.nn.modules.linear.Linear", "torch.nn.Linear"),
        ("torch.utils.data.dataset.random_split", "torch.utils.data.random_split"),
    ],
)
def test_other_names_of_the_same_thing(knowledge: Knowledge, written: str, canonical: str) -> None:
    assert knowledge.canonical(written) == canonical
    assert knowledge.function(canonical) is not None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sklearn.preprocessing.StandardScaler.fit_transform", "fits-and-transforms"),
        ("sklearn.pipeline.Pipeline.fit", "fits"),
        ("sklearn.model_selection.GridSearchCV.fit", "searches"),
        ("sklearn.model_selection.KFold.split", "splits"),
        ("imblearn.over_sampling.SMOTE.fit_resample", "resamples"),
        ("pandas.DataFrame.mean", "reduces-rows"),
        ("pandas.DataFrame.sample", "draws-random"),
        ("numpy.random.RandomState.normal", "draws-random"),
        ("transformers.BertModel.from_pretrained", "loads-model"),
        ("diffusers.StableDiffusionPipeline.from_pretrained", "downloads"),
        ("keras.Sequential.fit", "trains"),
        ("xgboost.XGBClassifier.fit", "fits"),
        ("pathlib.Path.iterdir", "lists-files"),
    ],
)
def test_methods_are_found_through_bases(knowledge: Knowledge, name: str, role: str) -> None:
    fact = knowledge.function(name)
    assert fact is not None
    assert role in fact.roles
