"""Import summaries: what modules import, which functions seed, and where programs start."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.project.facts import ModuleSummary
from mllint.project.imports import module_name, summarize_modules
from mllint.project.scan import SeederWords, read_calls, resolve_relative, scan_file
from mllint.project.scan_cache import ScanCache

SEEDERS = frozenset({"random.seed", "numpy.random.seed", "torch.manual_seed"})


def summaries(
    root: Path, files: Mapping[str, str], scripts: frozenset[str] = frozenset(), cache: ScanCache | None = None
) -> dict[str, ModuleSummary]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.py")]
    return summarize_modules(root, names, SEEDERS, scripts, cache)


def seeds(found: Mapping[str, ModuleSummary]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {name: dict(module.seeds) for name, module in found.items() if module.seeds}


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("train.py", "train"),
        ("pkg/__init__.py", "pkg"),
        ("src/pkg/data.py", "pkg.data"),
        ("scripts/my-script.py", "scripts.my-script"),
        ("src/__init__.py", "src"),
        ("__init__.py", "__init__"),
    ],
)
def test_module_names(filename: str, name: str) -> None:
    assert module_name(filename) == name


@pytest.mark.parametrize(
    ("module", "package", "absolute"),
    [
        ("a.b", "p", "a.b"),
        (".", "p.q", "p.q"),
        (".x", "p.q", "p.q.x"),
        ("..x", "p.q", "p.x"),
        ("..", "p.q", "p"),
        ("...x", "p.q", "x"),
        ("....x", "p.q", None),
        (".x", "", "x"),
    ],
)
def test_relative_imports(module: str, package: str, absolute: str | None) -> None:
    assert resolve_relative(module, package) == absolute


def test_import_statements() -> None:
    text = '''\
"""A docstring.

import not_this
from nor import this
"""
import os, sys as system  # and more
import a.b.c
import d.e as f; import ignored_after_semicolon
from g import h, i as j
from .k import (
    l,  # first
    m as n,
)
from . import o
from p import \\
    q, \\
    r
from s import *
def function():
    import t
    text = \'\'\'
import hidden
\'\'\'
    if True: pass
try:
    from u.v import w
except ImportError:
    w = None
important = 1
from_here = 2
'''
    scan = scan_file(text, "pkg", SeederWords(SEEDERS))
    assert scan.imports == [
        *("os", "sys", "a.b.c", "d.e", "g.h", "g.i", "pkg.k.l", "pkg.k.m", "pkg.o", "p.q", "p.r", "s", "t", "u.v.w")
    ]
    assert scan.aliases == {
        "os": "os",
        "system": "sys",
        "a": "a",
        "f": "d.e",
        "h": "g.h",
        "j": "g.i",
        "l": "pkg.k.l",
        "n": "pkg.k.m",
        "o": "pkg.o",
        "q": "p.q",
        "r": "p.r",
        "t": "t",
        "w": "u.v.w",
    }
    assert scan.stars == ["s"]


def test_direct_and_transitive_seeds(tmp_path: Path) -> None:
    found = summaries(
        tmp_path,
        {
            "pkg/__init__.py": "from .utils import set_all as seed_everything\n",
            "pkg/utils.py": """
import random as rnd
import numpy as np
from torch import manual_seed

def set_all(seed):
    rnd.seed(seed)
    np.random.seed(seed)

class Trainer:
    def __init__(self):
        self.prepare()
    def prepare(self):
        manual_seed(0)
    def fit(self):
        pass

def unrelated(seed):
    sensor.seed(seed)
""",
            "pkg/more.py": "from .utils import *\ndef deep():\n    def inner():\n        set_all(1)\n    inner()\n",
            "train.py": """
import pkg
from pkg import seed_everything
from pkg.utils import Trainer
from pkg.more import deep as dive

def main():
    seed_everything(3)

def build():
    return Trainer()

def down():
    dive()

def method():
    pkg.utils.Trainer.prepare(None)

if __name__ == "__main__":
    main()
""",
            "other.py": "import pkg.more\n",
        },
    )
    both = ("numpy.random.seed", "random.seed")
    assert seeds(found) == {
        "pkg.utils": {
            "set_all": both,
            "Trainer.__init__": ("torch.manual_seed",),
            "Trainer.prepare": ("torch.manual_seed",),
        },
        "pkg.more": {"deep": both},
        "train": {
            "main": both,
            "__main__": both,
            "build": ("torch.manual_seed",),
            "down": both,
            "method": ("torch.manual_seed",),
        },
    }


def test_top_level_seeds_reach_importers(tmp_path: Path) -> None:
    found = summaries(
        tmp_path,
        {
            "a.py": "import random\nrandom.seed(1)\n",
            "b.py": "import a\nimport c\n",
            "c.py": "import b\n",
            "d.py": "import e\n",
            "e.py": "import random\ndef f():\n    random.seed(1)\n",
        },
    )
    assert seeds(found) == {
        **{name: {"": ("random.seed",)} for name in "abc"},
        "e": {"f": ("random.seed",)},
    }


def test_recursion_between_functions_ends(tmp_path: Path) -> None:
    text = "import random, b\ndef f():\n    b.g()\n    random.seed()\n"
    found = summaries(tmp_path, {"a.py": text, "b.py": "import a\ndef g():\n    a.f()\n    g()\n"})
    assert seeds(found) == {"a": {"f": ("random.seed",)}, "b": {"g": ("random.seed",)}}


def test_names_that_lead_back_to_themselves_end(tmp_path: Path) -> None:
    found = summaries(
        tmp_path,
        {
            "pkg/__init__.py": "from .native import native\nfrom other import thing\n",  # native is no Python file
            "other.py": "from pkg import thing\nimport random\ndef seed():\n    random.seed(1)\n",
            "main.py": "from pkg import native, thing\nfrom other import seed\nnative.run()\nthing.run()\nseed()\n",
        },
    )
    assert seeds(found)["main"] == {"": ("random.seed",)}


def test_scripts_find_their_neighbours(tmp_path: Path) -> None:
    helper = "import random\ndef fix():\n    random.seed(1)\n"
    found = summaries(
        tmp_path,
        {
            "examples/one/main.py": "from helper import fix\nfix()\n",
            "examples/one/helper.py": helper,
            "examples/two/main.py": "import helper\n",
            "code/models/net.py": "from utils.seeding import fix\ndef build():\n    fix()\n",
            "code/utils/seeding.py": helper,
            "src/lib/core.py": helper,
            "run.py": "from src.lib.core import fix\nfrom lib import core\ndef go():\n    fix()\n",
            # Inside a package, the name of a library is the library.
            "pack/__init__.py": "",
            "pack/torch.py": "",
            "pack/x.py": "import torch\ndef f():\n    torch.manual_seed(0)\n",
        },
    )
    assert found["examples.one.main"].imports == ("examples.one.helper.fix",)
    assert found["examples.two.main"].imports == ("helper",)
    assert found["run"].imports == ("lib.core", "lib.core.fix")
    assert {name for name, functions in seeds(found).items() if functions} == {
        *("examples.one.main", "examples.one.helper", "code.models.net", "code.utils.seeding"),
        *("lib.core", "run", "pack.x"),
    }


def test_src_that_is_itself_a_package(tmp_path: Path) -> None:
    found = summaries(
        tmp_path,
        {
            "src/__init__.py": "",
            "src/seeding.py": "import random\ndef fix():\n    random.seed(1)\n",
            "src/train.py": "from src.seeding import fix\nfrom .seeding import fix as again\nfix()\n",
        },
    )
    assert set(found) == {"src", "src.seeding", "src.train"}
    assert found["src.train"].imports == ("src.seeding.fix",)
    assert found["src.train"].seeds == {"": ("random.seed",)}


def test_entry_points(tmp_path: Path) -> None:
    found = summaries(
        tmp_path,
        {
            "guarded.py": "def f(): pass\nif __name__ == '__main__':\n    f()\n",
            "reversed.py": 'if "__main__" == __name__:\n    pass\n',
            "script.py": "import helper\nfor i in range(3):\n    print(i)\n",
            "helper.py": "print('imported')\n",
            "quiet.py": "X = 1\ndef f():\n    print(X)\n",
            "documented.py": '"""\nfor example\nif __name__ == "__main__":\n"""\n',
            "test_x.py": "run()\n",
            "pkg/__init__.py": "register()\n",
            "pkg/part.py": "register()\n",
            "pkg/cli.py": "def main(): ...\n",
        },
        frozenset({"pkg.cli"}),
    )
    assert {name for name, module in found.items() if module.is_entry_point} == {
        *("guarded", "reversed", "script", "pkg.cli")
    }


def test_files_that_cannot_be_read_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nimport random\nx = '\xfc'\nrandom.seed(1)\n")
    found = summaries(tmp_path, {"broken.py": "import os\ndef (:\nrandom.seed(1)\n", "python2.py": "print 'seed'\n"})
    assert set(found) == {"latin", "broken", "python2"}
    assert found["broken"].imports == ("os",)
    assert found["latin"].seeds == {"": ("random.seed",)}


def test_scan_cache(tmp_path: Path) -> None:
    root = tmp_path / "root"
    files = {
        "a.py": "import random\ndef f():\n    random.seed(1)\n",
        "b.py": "from a import f\ndef g():\n    f()\n",
        "c.py": "x = 1\n",
    }
    cache_file = tmp_path / "cache" / "scans"
    for _ in range(2):
        cache = ScanCache(cache_file, SEEDERS)
        first = summaries(root, files, cache=cache)
        cache.save()
    assert first == summaries(root, files)
    (root / "a.py").write_text("def f():\n    pass\n")
    (root / "c.py").unlink()
    changed = {name: (root / name).read_text() for name in ("a.py", "b.py")}
    cache = ScanCache(cache_file, SEEDERS)
    second = summaries(root, changed, cache=cache)
    assert seeds(second) == {}
    assert set(second) == {"a", "b"}
    cache_file.write_bytes(b"not a cache")
    assert summaries(root, changed, cache=ScanCache(cache_file, SEEDERS)) == second


def test_own_source_agrees_with_the_syntax_tree() -> None:
    root = Path(__file__).parents[2]
    for path in sorted(root.glob("mllint/**/*.py")):
        text = path.read_text(encoding="utf-8")
        expected = set()
        package = ".".join(path.relative_to(root).parts[:-1])
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                expected |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = resolve_relative("." * node.level + (node.module or ""), package)
                expected |= {f"{base}.{alias.name}" for alias in node.names}
        assert set(scan_file(text, package, SeederWords(SEEDERS)).imports) == expected, path


@given(
    st.text()
    | st.lists(st.sampled_from(["import ", "from ", ".", "a", " as ", "(", ")", ",", "\n", "\\", '"""', "#"])).map(
        "".join
    )
)
def test_any_text(text: str) -> None:
    scan_file(text, "p.q", SeederWords(SEEDERS))
    read_calls(text.encode("utf-8", "surrogatepass"))
