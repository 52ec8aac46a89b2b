from __future__ import annotations

import ast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from mllint.source.magics import blank_magics


@pytest.mark.parametrize(
    ("source", "code"),
    [
        # Line magics and shell lines become statements.
        ("%matplotlib inline", "pass              "),
        ("% matplotlib inline\nx", "pass               \nx"),
        ("!pip install -q torch", "pass                 "),
        ("!!ls", "pass"),
        ("!ls", "..."),
        ("!l", "0 "),
        ("!", "0"),
        ("%x\n%y", "0 \n0 "),
        ("%%unknown\n".replace("%%", "%"), "pass    \n"),
        ("if a:\n    !ls -l\nelse:\n\t%cd x", "if a:\n    pass  \nelse:\n\tpass "),
        # Values become a name that nobody binds.
        ("files = !ls *.csv", "files = __       "),
        ("count = ! wc -l", "count = __     "),
        ("a, *b = %sx ls", "a, *b = __    "),
        ("self.files['x'] = !ls", "self.files['x'] = __ "),
        ("x: list = !ls", "x: list = __ "),
        ("x = \\\n  !ls", "x = \\\n  __ "),
        # A backslash joins lines.
        ("!pip install a \\\n    b\nx", "pass            \n     \nx"),
        ("a = !ls \\\r\n  -l\r\nb", "a = __   \r\n    \r\nb"),
        # Help.
        ("x?", "0 "),
        ("x.y??\nz", "pass \nz"),
        ("?x", "0 "),
        ("np.*mean*?", "pass      "),
        ("if a: b?", "pass    "),
        ("%%timeit?", "pass     "),
        # Auto-call.
        ("/f x", "pass"),
        (",f a b", "pass  "),
        (";f a b", "pass  "),
        # Python behind a magic stays, at its place.
        ("%time y = f(x)", "pass ;y = f(x)"),
        ("    %timeit -n 10 -r3 f(x)", "    pass             ;f(x)"),
        ("y = %time f(x)", "y =       f(x)"),
        ("y = %timeit -o f(x)", "y = __             "),
        ("%time for i in x: f(i)", "pass                  "),
        ("%time f(x", "pass     "),
        ("%time", "pass "),
        # Cell magics whose body is Python.
        ("%%time\nf(x)", "      \nf(x)"),
        ("%%capture out\n%%time\n!ls\nf(x)", "             \n      \n...\nf(x)"),
        ("# quietly\n\n%%capture\nf(x)", "# quietly\n\n         \nf(x)"),
        ("%%timeit -n 3 x = 1\nf(x)", "pass         ;x = 1\nf(x)"),
        ("  %%time\nf(x)", "        \nf(x)"),
        # Magics without the percent sign.
        ("pip install torch", "pass             "),
        ("cd /content/x", "pass         "),
        ("cd ..", "pass "),
        ("ls -la\nx", "pass  \nx"),
        ("load_ext autoreload", "pass               "),
        # A comment for mllint stays readable.
        ("!pip install x  # mllint: ignore[a] why", "pass            # mllint: ignore[a] why"),
    ],
)
def test_ipython_syntax_is_blanked_at_its_length(source: str, code: str) -> None:
    blanked = blank_magics(source)
    assert blanked.code == code
    assert len(code) == len(source)
    assert blanked.magics


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "'%d' % x",
        "y = ('%d'\n     % x)",
        "y = x \\\n    % 3",
        "y = x % time",
        "'''\n%time\n!ls\nwhat?\n'''",
        'f("""\n%time f(x)\n""", a)',
        "[\n'what?',\n'!ls'\n]",
        "a != b",
        "a == b\nf(x=1)\nf(x\n=\n1)",
        "# %time\n#!ls\n# why?",
        "# %%capture\n# !pip install x\nx = 1",
        "time = 3\ntime - 1\ntime.sleep(3)\ntime (3)\ntime[0]\ntime: int = 3\ntime += 1",
        "history\nls\npwd",
        "run if x else y\nstore in x\nenv is None\nrun and x\nrun or y\nsave not in x",
        "history -x\nprecision / recall\nhistory * 2",
        "def f():\n    pip = 1",
        "x = 'what' # why?",
        "lambda a=1: a",
        "x = [i for i in y if i!=3]",
        "get_ipython().run_line_magic('time', 'f(x)')",
        "x = f'{a!r}' + '!'",
    ],
)
def test_python_stays_as_it_is(source: str) -> None:
    blanked = blank_magics(source)
    assert blanked.code == source
    assert blanked.magics == ()
    assert blanked.skipped is None


@pytest.mark.parametrize(
    ("source", "reason", "reads", "binds"),
    [
        ("%%bash\nls", "%%bash", set(), set()),
        ("%%bash --out listing --err problems\nls", "%%bash", set(), {"listing", "problems"}),
        ("%%writefile {folder}/a.py\nx = 1", "%%writefile", {"folder"}, set()),
        ("%%sql result <<\nselect {{column}} from t", "%%sql", {"column"}, {"result"}),
        ("%%R -i frame,target -o fitted\nlm(x)", "%%R", {"frame", "target"}, {"fitted"}),
        ("%%bigquery frame --project $project\nselect 1", "%%bigquery", {"project"}, {"frame"}),
        ("%%cython\ncpdef double dot(a, b):\n    return a\ndef norm(a):\n    pass", "%%cython", set(), {"dot", "norm"}),
        ("# why\n\n%%html\n<b>", "%%html", set(), set()),
        ("%%capture\n%%bash\nls", "%%bash", set(), set()),
        ("%%!\nls", "%%!", set(), set()),
    ],
)
def test_cells_in_other_languages_are_skipped(source: str, reason: str, reads: set[str], binds: set[str]) -> None:
    blanked = blank_magics(source)
    assert (blanked.code, blanked.skipped) == (None, reason)
    magic = blanked.magics[-1]
    assert (magic.reads, magic.binds) == (reads, binds)
    assert magic.range.end == len(source)


@pytest.mark.parametrize(
    ("source", "name", "reads", "binds"),
    [
        ("!cp {source} $target/{name}.csv", "!", {"source", "target", "name"}, set()),
        ("!echo {len(x):>3} {y!r} {{z}} $$HOME", "!", {"len", "x", "y"}, set()),
        ("!awk '{print $1}' file", "!", set(), set()),
        ("files = !ls {folder}", "!", {"folder"}, {"files"}),
        ("a, *b = %sx ls", "sx", set(), {"a", "b"}),
        ("self.a = !ls", "!", set(), set()),
        ("%time y = f(x)", "time", {"f", "x"}, {"y"}),
        ("%timeit -n 3 f(x)", "timeit", {"f", "x"}, set()),
        ("%time import a.b as c, d", "time", set(), {"c", "d"}),
        ("%%capture out\nx", "capture", set(), {"out"}),
        ("%%capture --no-stderr out\nx", "capture", set(), {"out"}),
        ("%%timeit y = x\ny", "timeit", {"x"}, {"y"}),
        ("%store -r splits model", "store", set(), {"splits", "model"}),
        ("%store splits", "store", {"splits"}, set()),
        ("%run train.py --seed $seed", "run", {"seed"}, set()),
        ("%lprun -f train train(x)", "lprun", {"train", "x"}, set()),
        ("%sql rows << select 1", "sql", set(), {"rows"}),
        ("%pinfo frame.head", "pinfo", {"frame"}, set()),
        ("frame.head?", "?", {"frame"}, set()),
        ("?frame", "?", {"frame"}, set()),
        ("/f a b", "/", {"f", "a", "b"}, set()),
        (",f a b", ",", {"f"}, set()),
        ("pip install {package}", "pip", {"package"}, set()),
    ],
)
def test_names_are_kept(source: str, name: str, reads: set[str], binds: set[str]) -> None:
    (magic,) = blank_magics(source, 100).magics
    assert (magic.name, set(magic.reads), set(magic.binds)) == (name, reads, binds)
    start, end = magic.range
    assert source[start - 100 : end - 100] == magic.text


_PIECES = [
    "%time f(x)", "%timeit -n 3 f(x)", "%matplotlib inline", "%%capture out", "%%time", "%%bash", "!ls {x}", "!!ls", "!",
    "a = !ls", "a, b = %x y", "x = 1", "x?", "x.y??", "?x", "/f x", ";f x", ",f x", "if x:", "for i in y:", "def f():",
    "    ", "  ", "\t", "\n", "\n", "\r\n", "\\\n", "'''", '"', "'", "(", ")", "[", "]", "{", "}", "%", " % ", "=", "==",
    "!=", "?", "# c", "# %time", "print('%d' % 3)", "pip install x", "pass", "é", "\u2028", "\f",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=9).map("".join) | st.text(max_size=40))
@example("=!")
@settings(max_examples=400, deadline=None)
def test_length_and_lines_never_change(source: str) -> None:
    blanked = blank_magics(source)
    for magic in blanked.magics:
        assert source[magic.range.start : magic.range.end] == magic.text
    if blanked.code is not None:
        assert len(blanked.code) == len(source)
        line_ends = [(place, character) for place, character in enumerate(source) if character in "\r\n"]
        assert [(place, blanked.code[place]) for place, _ in line_ends] == line_ends


_LINES = [
    "%time y = f(x)", "%timeit f(x)", "%matplotlib inline", "% cd x", "!ls {x}", "!!ls", "!pip install a \\\n   b",
    "a = !ls", "a, b = %x y", "x = 1", "x?", "x.y??", "?x", "/f x", ";f x", ",f x", "'%d' % 3", "y = '''\n%x\n'''",
    "z = (1,\n  2 % 3)", "w = 5 \\\n  % 3", "# %time", "v = 'what?'", "u = 3 != 4", "t = {'a': '!'}",
]  # fmt: skip


@st.composite
def _cells(draw: st.DrawFn) -> str:
    """Cells that IPython accepts: statements of all kinds, some of them in a block."""
    lines: list[str] = draw(st.lists(st.sampled_from(["%%time", "%%capture out"]), max_size=1))
    for statement in draw(st.lists(st.sampled_from(_LINES), min_size=1, max_size=5)):
        if draw(st.booleans()):
            lines += ["for i in x:", "    " + statement, "    pass"]
        else:
            lines.append(statement)
    return "\n".join(lines)


@given(_cells())
@settings(max_examples=300, deadline=None)
def test_what_ipython_accepts_is_python_when_blanked(source: str) -> None:
    transformed = TransformerManager().transform_cell(source)
    ast.parse(transformed)
    blanked = blank_magics(source)
    assert blanked.code is not None
    tree = ast.parse(blanked.code)
    # What was Python before stands where it stood.
    assert all(node.value != "%x\n" for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for name in ("z", "w", "v", "u", "t"):
        if f"{name} = " in source:
            assert any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))
