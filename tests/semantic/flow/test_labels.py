"""Lists of columns as values, and which columns a table holds once it was indexed by one."""

from __future__ import annotations

import pytest
from flow_notation import last_event, model_of, real_knowledge

from mllint.semantic.flow import Columns

_START = "import pandas as pd\nfrom sklearn.linear_model import Ridge\nf = pd.read_csv('a.csv')\n"


def columns_after(code: str) -> Columns:
    """Return the columns that a model is fitted on."""
    return last_event(f"f = load('a')\n{code}\nForest().fit(X)", "fit").data[0].columns


def real_columns_after(code: str) -> Columns:
    """Return the columns that a model of a real library is fitted on."""
    events = model_of(f"{_START}{code}\nRidge().fit(X, f['t'])", real_knowledge()).events
    return [event for event in events if event.kind == "fit"][-1].data[0].columns


@pytest.mark.parametrize(
    "code",
    [
        "X = f[[c for c in f.columns if c != 't']]",
        "X = f[[c for c in f.columns if c not in ('t', 'u')]]",
        "X = f[[c for c in f.columns if c != 't' and not c in ['u']]]",
        "names = list(f.columns)\nnames.remove('t')\nX = f[names]",
        "names = [c for c in f.columns if c != 't'] + ['u']\nX = f[names]",
        "X = f[set(f.columns) - {'t'}]",
        "X = f.loc[:, f.columns != 't']",
        "X = f.loc[:, ~f.columns.isin(['t'])]",
        "def chosen(frame):\n    return [c for c in frame.columns if c != 't']\nX = f[chosen(f)]",
        "g = f.rename(columns={'t': 'v'})\nX = g",
    ],
)
def test_columns_that_a_list_leaves_out(code: str) -> None:
    columns = columns_after(code)
    assert columns.holds("t") is False
    assert columns.holds("a") is True


@pytest.mark.parametrize(
    "code",
    [
        "X = f[[c for c in f.columns if c != 't']]",
        "names = f.columns.drop(['t', 'u'])\nX = f[names]",
        "names = f.columns.difference(['t'])\nX = f[names]",
        "names = f.columns.tolist()\nnames.remove('t')\nX = f[names]",
        "numbers = list(f.select_dtypes('number').columns)\nnumbers.remove('t')\n"
        "X = f[numbers + list(f.select_dtypes('object').columns)]",
        "f.columns = ['a', 'b']\nX = f",
    ],
)
def test_columns_that_a_list_of_a_real_table_leaves_out(code: str) -> None:
    columns = real_columns_after(code)
    assert columns.holds("t") is False
    assert columns.holds("a") is True


@pytest.mark.parametrize(
    "code",
    [
        "X = f[[c for c in f.columns if is_good(c)]]",
        "X = f[f.columns[:-1]]",
        "other = load('b')\nX = f[other.columns]",
        "names = ['a', 't']\nnames.remove(which)\nX = f[names]",
        "X = prepare(f)",
        "g = f.drop(columns='t')\nX = stack([g, load('b')])",
    ],
)
def test_columns_that_cannot_be_told(code: str) -> None:
    assert columns_after(code).holds("t") is None


def test_a_column_that_was_made_after_the_list_may_be_on_it() -> None:
    columns = columns_after(
        "names = [c for c in f.columns if c != 't']\nf['n'] = Scaler().fit_transform(f)\nX = f[names]"
    )
    assert columns.holds("n") is None


def test_tables_side_by_side_lack_what_all_of_them_lack() -> None:
    columns = columns_after("X = stack([f.drop(columns=['t', 'u']), f[['u', 'v']]], axis=1)")
    assert columns.holds("t") is False
    assert columns.holds("u") is True


def test_unread_choices_are_kept_where_they_were_made() -> None:
    frame = real_columns_after("f = f.select_dtypes('number')\nX = f.drop(columns='id')")
    target = model_of(f"{_START}f = f.select_dtypes('number')\nRidge().fit(f, f['t'])", real_knowledge()).events[-1]
    assert not frame.known
    assert len(frame.unread) == 1
    assert len(target.data[1].columns.unread) == 1


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("for k in (1, 2):\n    f['a'] = f['b'].shift(k)", ["look-back"]),
        ("for k in range(1, 4):\n    f['a'] = f['b'].shift(-k)", ["look-ahead"]),
        ("f['a'] = f['b'].shift(unknown)", []),
        ("v = f['b']\nf = [v[i + 1] for i in range(9)]", ["look-ahead"]),
        ("v = f['b']\nf = [v[i - k] for i in range(9) for k in range(1, 3)]", ["look-back"]),
        ("f = [f[i:i + 3] for i in range(9)]", ["window"]),
        ("f = [f[i:i + 3] for i in range(0, 9, 3)]", []),
        ("f = windows(f, 3)", ["window"]),
    ],
)
def test_which_rows_a_value_is_of(code: str, kinds: list[str]) -> None:
    events = model_of(f"f = load('a')\n{code}\nsplit(f)").events
    found = {event.kind: None for event in events if event.kind in ("look-ahead", "look-back", "window")}
    assert list(found) == kinds


def test_in_a_table_with_the_newest_row_first_a_shift_down_looks_ahead() -> None:
    code = "f = f.sort_values('date', ascending=False)\nf['n'] = f['a'].shift(1)\nX = f[['n', 'a']]"
    events = model_of(f"{_START}{code}\nRidge().fit(X, f['t'])", real_knowledge()).events
    assert "look-ahead" in [event.kind for event in events]
