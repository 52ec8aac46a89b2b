from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mllint.semantic.knowledge import Knowledge
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit
from mllint.source.python import read_python


def guarded(code: str) -> list[bool]:
    """Whether each call of ``old`` and each import of it is guarded, in order of the text."""
    text = dedent(code).lstrip("\n")
    unit = read_python(Path("a.py"), "a.py", text.encode())
    parse_unit(unit)
    model = SemanticModel(unit, Knowledge())
    places = [call.node for call in model.calls if call.last_name == "old"]
    places += [imported.statement for imported in model.imports if imported.target.endswith("old")]
    return [model.is_guarded(node) for node in sorted(places, key=model.order)]


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from m import new\nexcept ImportError:\n    from m import old",
        "try:\n    from m import old\nexcept (ImportError, ValueError):\n    old = None",
        "try:\n    import old\nexcept:\n    pass",
        "try:\n    import old\nexcept Exception:\n    pass",
        "try:\n    m.new()\nexcept AttributeError:\n    m.old()",
        "try:\n    m.old(x=1)\nexcept TypeError:\n    m.old()",
        "if hasattr(m, 'new'):\n    m.new()\nelse:\n    m.old()",
        "if m.__version__ < '2':\n    m.old()",
        "if version.parse(m.__version__) >= version.parse('2'):\n    pass\nelif x:\n    m.old()",
        "new_enough = m.__version__ >= '2'\nif not new_enough:\n    m.old()",
        "if HAS_OLD:\n    m.old()",
        "if is_old_available():\n    m.old()",
        "x = m.new() if hasattr(m, 'new') else m.old()",
        "x = hasattr(m, 'old') and m.old()",
        "def f():\n    if hasattr(m, 'new'):\n        return m.new()\n    return m.old()",
    ],
)
def test_guarded(code: str) -> None:
    assert set(guarded(code)) == {True}


@pytest.mark.parametrize(
    "code",
    [
        "m.old()",
        "try:\n    m.old()\nexcept Exception:\n    pass",
        "try:\n    m.old()\nexcept ValueError:\n    pass",
        "try:\n    import new\nexcept ImportError:\n    pass\nfinally:\n    import old",
        "if is_training:\n    m.old()",
        "if m.old():\n    hasattr(m, 'x')",
        "if hasattr(m, 'new'):\n    m.new()\nm.old()",
        "def f():\n    m.old()\n    if hasattr(m, 'new'):\n        return",
        "if hasattr(m, 'new'):\n    def f():\n        pass\ndef g():\n    m.old()",
    ],
)
def test_not_guarded(code: str) -> None:
    assert set(guarded(code)) == {False}
