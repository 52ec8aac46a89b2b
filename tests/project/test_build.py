"""Project facts as a whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mllint.project.build import forget_project_facts, project_facts
from mllint.project.facts import Dependency, ModuleSummary, ProjectFacts, ProjectProblem
from mllint.project.root import ProjectRoots

SEEDERS = frozenset({"random.seed"})

TREE = {
    "pyproject.toml": '[project]\nname = "churn"\ndependencies = ["numpy>=1.26", "bad one"]\n',
    "README.md": "",
    "Dockerfile": "",
    "data.csv": "",
    ".github/workflows/ci.yml": "",
    ".gitignore": "",
    "docs/model_card.md": "",
    "models/MODEL-CARD.md": "",
    "models/model_card.png": "",
    "src/churn/__init__.py": "",
    "src/churn/seeding.py": "import random\ndef fix():\n    random.seed(1)\n",
    "train.py": "from churn.seeding import fix\nfix()\n",
    "node_modules/x/a.py": "",
    ".venv/lib/b.py": "",
    "env/pyvenv.cfg": "",
    "env/lib/c.py": "",
    "generated/d.py": "",
    "notes/e_pb2.py": "",
}


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget_project_facts()


def test_facts(tmp_path: Path) -> None:
    facts = project_facts(write(tmp_path, TREE), SEEDERS, exclude=("generated", "notes/*_pb2.py"))
    assert facts.dependencies == {"numpy": Dependency("numpy", ">=1.26", None, "pyproject.toml", 3)}
    assert set(facts.modules) == {"churn", "churn.seeding", "train"}
    assert facts.modules["train"] == ModuleSummary(
        "train", "train.py", ("churn.seeding.fix",), {"": ("random.seed",)}, is_entry_point=True
    )
    assert facts.files == {
        *("pyproject.toml", "README.md", "Dockerfile", ".gitignore", ".github/workflows/ci.yml"),
        *("docs/model_card.md", "models/MODEL-CARD.md"),
    }
    assert facts.data_files == {"data.csv"}
    assert facts.is_library
    assert list(map(str, facts.problems)) == ['pyproject.toml:3: "bad one" is not a requirement']
    assert facts.version_range("numpy") == ">=1.26"
    assert facts.module_at("src/churn/seeding.py") is facts.modules["churn.seeding"]
    assert facts.module_at("gone.py") is None


def test_same_object_until_forgotten(tmp_path: Path) -> None:
    root = write(tmp_path, TREE)
    first = project_facts(root, SEEDERS)
    assert project_facts(root, SEEDERS) is first
    write(root, {"pyproject.toml": ""})
    forget_project_facts()
    assert not project_facts(root, SEEDERS).dependencies


def test_keys_do_not_depend_on_the_place(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", TREE), tmp_path / "deep" / "two"
    shutil.copytree(one, two)
    first, second = project_facts(one, SEEDERS), project_facts(two, SEEDERS)
    assert first.content_key == second.content_key
    assert first.fingerprint(["train"]) == second.fingerprint(["train"])


def test_fingerprint_rests_on_what_is_imported(tmp_path: Path) -> None:
    root = write(tmp_path, TREE | {"alone.py": "", "user.py": "import train\n"})
    before = project_facts(root, SEEDERS)
    write(root, {"src/churn/seeding.py": "def fix():\n    pass\n"})
    forget_project_facts()
    after = project_facts(root, SEEDERS)
    assert before.content_key != after.content_key
    assert before.fingerprint() == after.fingerprint()
    assert before.fingerprint(["alone", "numpy"]) == after.fingerprint(["alone", "numpy"])
    assert before.fingerprint(["user"]) != after.fingerprint(["user"])
    write(root, {"pyproject.toml": '[project]\nname = "churn"\ndependencies = ["numpy>=2"]\n'})
    forget_project_facts()
    assert after.fingerprint() != project_facts(root, SEEDERS).fingerprint()


def test_reachable_modules() -> None:
    modules = {
        "a": ModuleSummary("a", "a.py", ("b.c.thing", "numpy")),
        "b": ModuleSummary("b", "b/__init__.py"),
        "b.c": ModuleSummary("b.c", "b/c.py", ("a",)),
        "d": ModuleSummary("d", "d.py"),
    }
    facts = ProjectFacts(root=Path("/p"), modules=modules)
    assert [module.name for module in facts.reachable(["a.x", "scipy"])] == ["a", "b", "b.c"]


def test_questions_about_versions() -> None:
    facts = ProjectFacts(
        Path("/p"), {"torch": Dependency("torch", ">=2.1"), "numpy": Dependency("numpy", "", "1.26.4")}
    )
    assert facts.runs_with("torch", ">=2") is True
    assert facts.runs_with("torch", ">=2.4") is None
    assert facts.runs_with("numpy", ">=2") is False
    assert facts.runs_with("pandas", ">=2") is None


def test_directories_with_one_file_of_data_for_each_item_are_left_out(tmp_path: Path) -> None:
    items = {f"labels/{number}.txt": "" for number in range(501)}
    facts = project_facts(write(tmp_path, items | {"data/churn.CSV": "", "data/notes.md": ""}))
    assert facts.data_files == {"data/churn.CSV"}


def test_questions_about_dependencies() -> None:
    facts = ProjectFacts(
        root=Path("/p"),
        dependencies={
            "numpy": Dependency("numpy", ">=1", "1.26.4"),
            "six": Dependency("six", "==1.16", "1.16", is_direct=False),
        },
    )
    assert facts.version_range("numpy") == "==1.26.4"
    assert facts.version_range("torch") == ""
    assert facts.depends_on("torch", "numpy")
    assert not facts.depends_on("six")


def test_cache_file_gives_the_same_facts(tmp_path: Path) -> None:
    root = write(tmp_path / "root", TREE)
    plain = project_facts(root, SEEDERS)
    for _ in range(2):
        assert project_facts(root, SEEDERS, cache_file=tmp_path / "cache" / "scans") == plain
        forget_project_facts()
    assert project_facts(root, SEEDERS, cache_file=root / "README.md" / "impossible") == plain


def test_directory_that_does_not_exist(tmp_path: Path) -> None:
    assert project_facts(tmp_path / "gone") == ProjectFacts(root=tmp_path / "gone")


def test_symlinked_directories_are_not_followed(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a.py": ""})
    (root / "loop").symlink_to(root)
    assert set(project_facts(root).modules) == {"a"}


def test_problem_of_a_whole_file() -> None:
    assert str(ProjectProblem("setup.cfg", 0, "is broken")) == "setup.cfg: is broken"


@pytest.mark.parametrize("marker", ["pyproject.toml", "setup.cfg", ".git", "requirements-gpu.txt", "environment.yml"])
def test_root_markers(tmp_path: Path, marker: str) -> None:
    write(tmp_path, {f"p/{marker}": "", "p/a/b/x.py": ""})
    assert ProjectRoots().root_of(tmp_path / "p/a/b") == tmp_path / "p"


def test_root_falls_back_to_the_directory(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", "docs/requirements.txt": "", "notes/requirements.md": ""})
    assert ProjectRoots().root_of(tmp_path / "docs") == tmp_path
    assert ProjectRoots().root_of(tmp_path / "notes") == tmp_path
    assert ProjectRoots().root_of(Path("/")) == Path("/")


def test_facts_import_nothing_heavy_where_no_file_asks_for_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import random\n"})
    code = (
        f"import sys\nfrom pathlib import Path\nfrom mllint.project.build import project_facts\n"
        f"print('packaging' in sys.modules)\nproject_facts(Path({str(tmp_path)!r}))\n"
        "print(sorted({'yaml', 'libcst', 'nbformat', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["False", "[]"]
