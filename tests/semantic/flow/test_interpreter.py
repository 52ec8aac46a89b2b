"""Statements in order, branches, loops, and own functions and classes: the events they make, in the order they happen."""

from __future__ import annotations

from textwrap import dedent

import pytest
from flow_notation import events_of, lines, model_of, notebook_of
from hypothesis import given, settings
from hypothesis import strategies as st

LOADED = "X = load('a')\n"


def happens(code: str, *kinds: str) -> list[str]:
    """The events of a program that has some rows ``X``."""
    return events_of(LOADED + dedent(code).strip("\n"), *kinds)


# Statements


@pytest.mark.parametrize(
    "statement",
    [
        "X = Scaler().fit_transform(X)",
        "X: object = Scaler().fit_transform(X)",
        "Y = X = Scaler().fit_transform(X)",
        "X += Scaler().fit_transform(X)",
        "_, X = 1, Scaler().fit_transform(X)",
        "(X := Scaler().fit_transform(X))",
        "X = Scaler().fit_transform(X); pass",
        "if (s := Scaler()).fit(X): X = s.transform(X)",
    ],
)
def test_every_assignment_gives_a_name_what_reached_the_value(statement: str) -> None:
    assert happens(f"{statement}\nsplit(X)", "fit", "split")[-1].endswith("split whole <- 0")


def test_a_name_that_is_bound_anew_forgets() -> None:
    assert happens("X = Scaler().fit_transform(X)\nX = load('b')\nsplit(X)") == ["0 fit whole", "1 split whole"]


def test_a_name_that_is_deleted_forgets() -> None:
    assert happens("X = Scaler().fit_transform(X)\ndel X\nsplit(X)") == ["0 fit whole", "1 split whole ?"]
    assert happens("Y = Scaler().fit_transform(X)\ndel Y, X\nsplit(Y)") == ["0 fit whole", "1 split whole ?"]


def test_names_are_exchanged() -> None:
    assert happens("a, b = split(X)\na, b = b, a\nScaler().fit(a)")[-1] == "1 fit test"


def test_cells_are_one_program() -> None:
    model = notebook_of("X = load('a')\nX = Scaler().fit_transform(X)", "split(X)")
    assert lines(model) == ["0 fit whole", "1 split whole <- 0"]


def test_a_program_without_events_has_none() -> None:
    flow = model_of("X = load('a')\nprint(X)").flow
    assert (list(flow.events), flow.stopped) == ([], frozenset())


# Branches


@pytest.mark.parametrize(
    ("code", "last"),
    [
        # Either way may have come true.
        ("if c:\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        ("if c:\n    pass\nelse:\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        ("if c:\n    X = Scaler().fit_transform(X)\nelse:\n    X = load('b')\nsplit(X)", "1 split whole <- 0"),
        ("if c:\n    pass\nelif d:\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        ("X = Scaler().fit_transform(X) if c else X\nsplit(X)", "1 split whole <- 0"),
        # Both ways bind it anew.
        (
            "X = Scaler().fit_transform(X)\nif c:\n    X = load('b')\nelse:\n    X = load('c')\nsplit(X)",
            "1 split whole",
        ),
        # A way that ends does not lead here.
        ("if c:\n    X = Scaler().fit_transform(X)\n    raise SystemExit\nsplit(X)", "1 split whole"),
        ("if c:\n    pass\nelse:\n    X = Scaler().fit_transform(X)\n    raise SystemExit\nsplit(X)", "1 split whole"),
        # A way that is never taken.
        ("if False:\n    X = Scaler().fit_transform(X)\nsplit(X)", "0 split whole"),
    ],
)
def test_branches(code: str, last: str) -> None:
    assert happens(code)[-1] == last


def test_nothing_happens_after_all_ways_have_ended() -> None:
    code = """
        def work(t):
            if c:
                return t
            else:
                raise ValueError
            split(t)
        work(X)
        Scaler().fit(X)
    """
    assert happens(code) == ["0 fit whole"]


def test_a_function_left_early_passes_on_what_it_has() -> None:
    code = """
        def scaled(t):
            if c:
                return t
            return Scaler().fit_transform(t)
        split(scaled(X))
    """
    assert happens(code) == ["0 fit whole", "1 split whole <- 0"]


def test_only_the_way_that_goes_on_reaches_the_rest_of_a_function() -> None:
    code = """
        def work(t):
            if c:
                return Scaler().fit_transform(t)
            split(t)
        work(X)
    """
    assert happens(code) == ["0 fit whole", "1 split whole"]


# Loops


@pytest.mark.parametrize("loop", ["for i in range(3):", "while going():", "for frame in frames:"])
def test_a_loop_meets_what_it_left_behind(loop: str) -> None:
    code = f"{loop}\n    split(X)\n    X = Scaler().fit_transform(X)"
    assert happens(code) == ["0 split whole <- 1", "1 fit whole <- 1"]


def test_an_event_in_a_loop_is_one_event_that_knows_its_loops() -> None:
    code = "X = load('a')\nfor i in range(3):\n    while go():\n        Scaler().fit(X)"
    (event,) = model_of(code).events
    assert [type(loop).__name__ for loop in event.loops] == ["For", "While"]


def test_what_follows_a_loop_sees_what_it_has_done() -> None:
    assert happens("for i in range(3):\n    X = Scaler().fit_transform(X)\nsplit(X)")[-1] == "1 split whole <- 0"
    assert happens("while go():\n    X = Scaler().fit_transform(X)\nelse:\n    split(X)")[-1] == "1 split whole <- 0"


def test_code_after_continue_is_not_reached() -> None:
    assert happens("for i in range(3):\n    Scaler().fit(X)\n    continue\n    split(X)") == ["0 fit whole"]


def test_folds_left_at_the_first_keep_their_parts() -> None:
    code = """
        for i, j in Folds().split(X):
            a, b = X[i], X[j]
            break
        Scaler().fit(a)
        Scaler().fit(b)
    """
    assert happens(code) == ["0 split whole", "1 fit train", "2 fit test"]


def test_a_loop_left_once_it_has_what_it_wants() -> None:
    code = "while True:\n    a, b = split(X)\n    if good(a):\n        break\nScaler().fit(b)"
    assert happens(code) == ["0 split whole", "1 fit test"]


@pytest.mark.parametrize("frames", ["(train, test)", "[train, test]"])
def test_a_loop_over_a_few_tables_is_one_round_for_each(frames: str) -> None:
    code = f"""
        train, test = split(X)
        for frame in {frames}:
            frame['a'] = Scaler().fit_transform(frame[['a']])
        Forest().fit(train)
        Forest().predict(test)
    """
    assert happens(code) == [
        "0 split whole",
        "1 fit train",
        "2 fit test",
        "3 fit train <- 1",
        "4 predict test <- 2",
    ]


def test_a_loop_over_a_few_tables_that_changes_them_in_place() -> None:
    code = """
        train, test = split(X)
        for frame in (train, test):
            frame.fillna(frame.mean(), inplace=True)
        Forest().fit(test)
    """
    assert happens(code)[-1] == "5 fit test <- 4"


def test_binding_the_name_of_a_loop_over_tables_does_not_change_them() -> None:
    code = """
        train, test = split(X)
        for frame in (train, test):
            frame = Scaler().fit_transform(frame)
        Forest().fit(train)
    """
    assert happens(code)[-1] == "3 fit train"


def test_a_loop_over_a_few_estimators_fits_any_of_them() -> None:
    code = """
        a, b = split(X)
        for model in [Forest(), Boost()]:
            model.fit(a)
            model.score(b)
    """
    assert happens(code) == ["0 split whole", "1 fit train", "2 score test by 1"]


@pytest.mark.parametrize(
    "loop",
    [
        "for i, (a, b) in enumerate(Folds().split(X)):",
        "for a, b in Folds().split(X):",
        "for (a, b), k in zip(Folds().split(X), names):",
        "for a, b in list(Folds().split(X)):",
    ],
)
def test_loops_over_folds_bind_the_indices_of_their_parts(loop: str) -> None:
    assert happens(f"{loop}\n    Scaler().fit(X[a])\n    Scaler().fit(X.iloc[b])")[-2:] == ["1 fit train", "2 fit test"]


# try, with, match


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("try:\n    X = Scaler().fit_transform(X)\nexcept E:\n    X = load('b')\nsplit(X)", "1 split whole <- 0"),
        ("try:\n    pass\nexcept E:\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        ("try:\n    pass\nexcept E:\n    X = Scaler().fit_transform(X)\n    raise\nsplit(X)", "1 split whole"),
        ("try:\n    pass\nexcept* E:\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        ("try:\n    pass\nfinally:\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        (
            "try:\n    pass\nexcept E:\n    pass\nelse:\n    X = Scaler().fit_transform(X)\nsplit(X)",
            "1 split whole <- 0",
        ),
        ("with opened():\n    X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        ("with opened(X) as Y:\n    pass\nsplit(Y)", "0 split whole ?"),
        ("match c:\n    case 1:\n        X = Scaler().fit_transform(X)\nsplit(X)", "1 split whole <- 0"),
        (
            "match c:\n    case 1:\n        X = Scaler().fit_transform(X)\n        raise E\n    case _:\n        pass\nsplit(X)",
            "1 split whole",
        ),
        ("assert Scaler().fit(X)\nsplit(X)", "1 split whole"),
    ],
)
def test_other_blocks(code: str, last: str) -> None:
    assert happens(code)[-1] == last


# Functions


def test_arguments_go_to_their_parameters() -> None:
    code = """
        def work(a, b=X, *rest, c, d=None, **more):
            Scaler().fit(a)
            Scaler().fit(b)
            Scaler().fit(rest[0])
            Scaler().fit(c)
            Scaler().fit(more['e'])
        a, b = split(X)
        work(a, b, load('r', split='val'), c=b, e=a)
    """
    assert happens(code, "fit") == ["1 fit train", "2 fit test", "3 fit validation", "4 fit test", "5 fit train"]


@pytest.mark.parametrize(
    "call",
    ["work(a, b)", "work(b=b, a=a)", "work(*parts)", "work(**{'b': b, 'a': a})", "work(a, **{'b': b})", "work(a)"],
)
def test_ways_of_passing_arguments(call: str) -> None:
    code = f"""
        parts = a, b = split(X)
        def work(a, b=b):
            Scaler().fit(a)
            Scaler().fit(b)
        {call}
    """
    assert happens(code, "fit") == ["1 fit train", "2 fit test"]


@pytest.mark.parametrize(
    "definition",
    [
        "def scale(t):\n    return Scaler().fit_transform(t)",
        "scale = lambda t: Scaler().fit_transform(t)",
        "def scale(t, *, how=Scaler):\n    s = Scaler()\n    s.fit(t)\n    return s.transform(t)",
        "s = Scaler()\ndef scale(t):\n    return s.fit_transform(t)",
        "def scale(t):\n    def inner():\n        return Scaler().fit_transform(t)\n    return inner()",
        "def make():\n    s = Scaler()\n    def inner(t):\n        return s.fit_transform(t)\n    return inner\nscale = make()",
        "class Scale:\n    def __call__(self, t):\n        return Scaler().fit_transform(t)\nscale = Scale()",
        "def first(t):\n    return Scaler().fit_transform(t)\ndef scale(t):\n    return first(t)",
    ],
)
def test_what_a_function_gives_back_has_been_through_it(definition: str) -> None:
    assert happens(f"{definition}\nsplit(scale(X))", "fit", "split")[-1].endswith("split whole <- 0")


def test_a_function_that_gives_several_values_keeps_them_apart() -> None:
    code = """
        def halves(t, log=False):
            a, b = split(t)
            return a, b
        a, b = halves(X)
        Scaler().fit(b)
    """
    assert happens(code)[-1] == "1 fit test"


def test_every_call_of_a_function_has_events_of_its_own() -> None:
    code = """
        def scale(t):
            return Scaler().fit_transform(t)
        a, b = split(X)
        scale(a)
        scale(b)
    """
    assert happens(code) == ["0 split whole", "1 fit train", "2 fit test"]
    first, second = model_of(LOADED + dedent(code)).events[1:]
    assert first.node is second.node
    assert [len(event.calls) for event in (first, second)] == [1, 1]
    assert first.calls != second.calls


def test_an_event_knows_the_loops_around_the_calls_that_lead_to_it() -> None:
    code = "def work(t):\n    Scaler().fit(t)\nfor i in range(3):\n    work(load('a'))"
    (event,) = model_of(code).events
    assert (len(event.loops), len(event.calls)) == (1, 1)


def test_a_function_changes_the_estimator_it_is_given() -> None:
    code = """
        def train(model, t):
            model.fit(t)
        a, b = split(X)
        forest = Forest()
        train(forest, a)
        forest.score(b)
    """
    assert happens(code)[-1] == "2 score test by 1"


def test_a_function_that_nothing_calls_happens_last() -> None:
    code = """
        def prepare(t):
            t = Scaler().fit_transform(t)
            return split(t)
        split(X)
    """
    assert happens(code) == ["0 split whole", "1 fit whole", "2 split whole <- 1"]


def test_parameters_of_a_function_that_nothing_calls_are_what_their_names_say() -> None:
    code = """
        def prepare(X_train, X_test, rows, batch_size, path: str, how=X):
            Scaler().fit(X_train)
            Scaler().fit(X_test)
            Scaler().fit(rows)
            Scaler().fit(batch_size)
            Scaler().fit(path)
            Scaler().fit(how)
    """
    assert happens(code) == [
        "0 fit train",
        "1 fit test",
        "2 fit whole",
        "3 fit -",
        "4 fit -",
        "5 fit whole",
    ]


def test_a_function_used_as_a_generator_yields_what_it_yields() -> None:
    code = """
        def folds(t):
            for i, j in Folds().split(t):
                yield t[i], t[j]
        for a, b in folds(X):
            Scaler().fit(b)
    """
    assert happens(code) == ["0 split whole", "1 fit test"]


def test_unknown_functions_pass_rows_on_with_less_certainty() -> None:
    assert happens("split(tidy(Scaler().fit_transform(X)))") == ["0 fit whole", "1 split whole <- 0 ?"]


# Classes


def test_methods_work_on_what_the_object_holds() -> None:
    code = """
        class Job:
            def __init__(self, t):
                self.t = t
                self.scaler = Scaler()
            def prepare(self):
                self.a, self.b = split(self.t)
                self.scaler.fit(self.a)
            def run(self):
                self.prepare()
                return self.scaler.transform(self.b)
        Forest().predict(Job(X).run())
    """
    assert happens(code) == ["0 split whole", "1 fit train", "2 transform test by 1", "3 predict test <- 1"]


def test_methods_that_nothing_calls_see_what_other_methods_did() -> None:
    code = """
        class Job:
            def run(self):
                split(self.t)
            def __init__(self, t):
                self.t = Scaler().fit_transform(t)
    """
    assert happens(code) == ["0 fit whole", "1 split whole <- 0"]


def test_objects_of_one_class_are_kept_apart() -> None:
    code = """
        class Job:
            def __init__(self, t):
                self.t = t
        a, b = split(X)
        first, second = Job(a), Job(b)
        Scaler().fit(first.t)
        Scaler().fit(second.t)
    """
    assert happens(code) == ["0 split whole", "1 fit train", "2 fit test"]


def test_methods_and_attributes_of_base_classes() -> None:
    code = """
        class Base:
            def prepare(self, t):
                return Scaler().fit_transform(t)
        class Middle(Base):
            pass
        class Job(Middle):
            def run(self, t):
                return self.prepare(t)
        split(Job().run(X))
    """
    assert happens(code) == ["0 fit whole", "1 split whole <- 0"]


def test_own_estimators_learn_by_the_roles_of_their_known_bases() -> None:
    code = """
        class Mine(Scaler):
            pass
        split(Mine().fit_transform(X))
    """
    assert happens(code) == ["0 fit whole", "1 split whole <- 0"]


def test_a_static_method_has_no_self() -> None:
    code = """
        class Tools:
            @staticmethod
            def scale(t):
                return Scaler().fit_transform(t)
        split(Tools().scale(X))
    """
    assert happens(code) == ["0 fit whole", "1 split whole <- 0"]


def test_a_data_class_holds_its_fields() -> None:
    code = """
        class Parts:
            train: object
            test: object
        a, b = split(X)
        parts = Parts(a, test=b)
        Scaler().fit(parts.test)
        Scaler().fit(parts.train)
    """
    assert happens(code) == ["0 split whole", "1 fit test", "2 fit train"]


# Comprehensions


@pytest.mark.parametrize(
    "value",
    [
        "[Scaler().fit_transform(t) for t in X]",
        "{Scaler().fit_transform(t) for t in X}",
        "{n: Scaler().fit_transform(t) for n, t in X.items()}",
        "list(Scaler().fit_transform(t) for t in X if t)",
        "[c for t in [Scaler().fit_transform(X)] for c in t]",
        "[t for t in X] + [Scaler().fit_transform(X)]",
    ],
)
def test_comprehensions(value: str) -> None:
    assert happens(f"split({value})", "split")[-1].endswith("split whole <- 0")


def test_the_name_in_a_comprehension_is_its_own() -> None:
    assert happens("t = load('b')\n[t for t in [Scaler().fit_transform(X)]]\nsplit(t)")[-1] == "1 split whole"


# Recursion


@pytest.mark.parametrize(
    "code",
    [
        "def f(t):\n    return f(Scaler().fit_transform(t))\nsplit(f(X))",
        "def f(n, t):\n    if n:\n        return f(n - 1, Scaler().fit_transform(t))\n    return t\nsplit(f(3, X))",
        "def f(t):\n    return g(Scaler().fit_transform(t))\ndef g(t):\n    return f(t)\nsplit(f(X))",
        "f = lambda t: f(Scaler().fit_transform(t))\nsplit(f(X))",
        "class A:\n    def f(self, t):\n        return self.f(Scaler().fit_transform(t))\nsplit(A().f(X))",
        "class A:\n    def __init__(self):\n        self.a = A()\n"
        "    def f(self, t):\n        return self.a.f(Scaler().fit_transform(t))\nsplit(A().f(X))",
    ],
)
def test_recursion_ends_and_passes_on_what_it_got(code: str) -> None:
    events = happens(code, "fit", "split")
    assert [event for event in events if "split" in event][-1] == f"{len(events) - 1} split whole <- 0 ?"


@pytest.mark.parametrize(
    "code",
    [
        "f = lambda g: g(g)\nf(f)",
        "class A(A):\n    pass\nA().run()",
        "class A(B):\n    pass\nclass B(A):\n    pass\nA().run()\nB().run()",
        "a = []\na.append(a)\nfor b in a:\n    b.append(a)",
        "def f(g=f):\n    return g()\nf()",
        "class A:\n    def __init__(self):\n        self.me = self\n    def run(self):\n        return self.me.me.run()\nA().run()",
        "x = x",
        "def f():\n    yield from f()\nf()",
        "def f(*a, **k):\n    return f(*a, **k)\nf(1, b=2)",
    ],
)
def test_what_goes_round_in_circles_ends(code: str) -> None:
    assert happens(f"{code}\nsplit(X)")[-1].startswith("0 split whole")


# Bounds


def nested(depth: int, inner: str) -> str:
    """Code below so many ifs."""
    return "".join(f"{' ' * level}if c{level}:\n" for level in range(depth)) + f"{' ' * depth}{inner}\n"


def names_stopped(code: str) -> set[str | None]:
    """The names of the functions that ended at a bound; None is the module."""
    return {getattr(getattr(node, "name", None), "value", None) for node in model_of(code).flow.stopped}


def test_deep_nesting_is_left_out_and_what_follows_is_not() -> None:
    code = LOADED + nested(80, "Scaler().fit(X)") + "split(X)"
    assert events_of(code) == ["0 split whole"]
    assert names_stopped(code) == {None}
    assert names_stopped(LOADED + nested(10, "Scaler().fit(X)")) == set()


def test_deep_nesting_in_a_function_stops_the_function() -> None:
    body = "".join(f"    {line}\n" for line in nested(80, "Scaler().fit(t)").splitlines())
    code = f"{LOADED}def deep(t):\n{body}    return t\nsplit(deep(X))"
    assert events_of(code) == ["0 split whole"]
    assert names_stopped(code) == {"deep"}


def test_a_long_chain_of_branches_ends_and_what_follows_is_known() -> None:
    code = LOADED + "if c:\n    pass\n" + "".join(f"elif c{n}:\n    Scaler().fit(X)\n" for n in range(150)) + "split(X)"
    events = events_of(code)
    assert events[-1].endswith("split whole")
    assert len(events) == 151 or None in model_of(code).flow.stopped


def test_a_long_chain_of_calls_passes_rows_on() -> None:
    chain = "".join(f"def f{n}(t):\n    return f{n + 1}(t)\n" for n in range(100))
    code = f"{LOADED}{chain}def f100(t):\n    return t\na, b = split(f0(X))\nScaler().fit(b)"
    assert events_of(code) == ["0 split whole ?", "1 fit test ?"]


def tree_of_calls(depth: int) -> str:
    """Functions each of which calls the next one twice."""
    functions = "".join(
        f"def f{n}(t):\n    f{n + 1}(t)\n    return f{n + 1}(Scaler().fit_transform(t))\n" for n in range(depth)
    )
    return f"{LOADED}{functions}def f{depth}(t):\n    return t\nf0(X)"


def test_a_tree_of_calls_does_not_explode() -> None:
    counts = [len(events_of(tree_of_calls(depth))) for depth in (20, 40, 60)]
    assert 0 < counts[2] - counts[1] <= counts[1] - counts[0] < 20 * 100


def calls_of_long_function(times: int) -> str:
    body = "".join(f"    a{n} = Scaler().fit_transform(t)\n" for n in range(times))
    return f"{LOADED}def long(t):\n{body}    return t\n" + "long(X)\n" * times


def test_a_long_function_called_often_takes_steps_in_proportion_to_the_text() -> None:
    """Without a bound, three times as many calls of a function three times as long are nine times as many events."""
    few, many = (len(events_of(calls_of_long_function(times))) for times in (100, 300))
    assert few < many < 4 * few
    assert names_stopped(calls_of_long_function(100)) == {"long", None}


def test_a_script_of_any_length_is_interpreted_whole() -> None:
    code = LOADED + "".join(f"if c{n}:\n    X = Scaler().fit_transform(X)\n" for n in range(1000)) + "split(X)"
    events = model_of(code).events
    assert len(events) == 1001
    assert len(events[-1].rows.learned) <= 48
    assert names_stopped(code) == set()


def test_loops_in_loops_do_not_multiply() -> None:
    code = (
        LOADED + "".join(f"{' ' * n}for v{n} in X:\n" for n in range(15)) + " " * 15 + "X = Scaler().fit_transform(X)"
    )
    assert events_of(code) == ["0 fit whole <- 0"]
    assert names_stopped(code) == set()


# Notebooks that are wrong, cut off, or go round in circles


def test_a_cell_that_does_not_parse_is_left_out() -> None:
    model = notebook_of("X = load('a')", "X = = Scaler().fit_transform(X)", "a, b = split(X)", "Scaler().fit(b")
    assert lines(model) == ["0 split whole"]
    assert model.flow.stopped == frozenset()


def test_a_name_bound_in_a_cell_that_does_not_parse_holds_something_unknown() -> None:
    model = notebook_of("rows = = load('a')", "a, b = split(rows)", "Scaler().fit(b)")
    assert lines(model) == ["0 split whole ?", "1 fit test ?"]


def test_a_notebook_whose_beginning_is_cut_off() -> None:
    model = notebook_of("a, b = split(X_all)", "model.fit(a)\nmodel.score(b)")
    assert lines(model) == ["0 split whole ?", "1 fit train ?", "2 score test by 1 ?"]


def test_a_function_that_is_cut_off_is_left_out() -> None:
    model = notebook_of("X = load('a')\nX = Scaler().fit_transform(X)", "def halves(t):\n    return split(", "split(X)")
    assert lines(model) == ["0 fit whole", "1 split whole <- 0"]


def test_an_empty_notebook() -> None:
    assert lines(notebook_of()) == []


def test_bounds_are_met_in_a_notebook_and_the_rest_is_known() -> None:
    circle = "def again(t):\n    return again(Scaler().fit_transform(t))"
    model = notebook_of(
        "X = load('a')", nested(80, "X = Scaler().fit_transform(X)"), circle, "X = again(X)", "split(X)"
    )
    assert lines(model) == ["0 fit whole", "1 split whole <- 0 ?"]
    assert None in model.flow.stopped


# Random programs

NAMES = ("X", "a", "b", "model", "f", "job")
EXPRESSIONS = st.recursive(
    st.sampled_from(
        [*NAMES, "load('a')", "Scaler()", "Forest()", "Folds()", "(0)", "'c'", "None", "[]", "{}", "f", "job.x", "self"]
    ),
    lambda inner: st.one_of(
        st.builds("{}.fit({})".format, inner, inner),
        st.builds("{}.fit_transform({})".format, inner, inner),
        st.builds("{}.predict({})".format, inner, inner),
        st.builds("split({}, {})".format, inner, inner),
        st.builds("stack([{}, {}])".format, inner, inner),
        st.builds("accuracy({}, {})".format, inner, inner),
        st.builds("f({}, *{})".format, inner, inner),
        st.builds("tidy({}, k={})".format, inner, inner),
        st.builds("Chain({}, {})".format, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:]".format, inner, inner),
        st.builds("{}.loc[{}, 'c']".format, inner, inner),
        st.builds("{}.drop({}.index)".format, inner, inner),
        st.builds("{}.mean()".format, inner),
        st.builds("{}.groupby('k')['c'].transform({})".format, inner, inner),
        st.builds("({} > {})".format, inner, inner),
        st.builds("({} - {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("{{'a': {}, 'b': {}}}".format, inner, inner),
        st.builds("[{} for a in {}]".format, inner, inner),
        st.builds("(lambda a: {})({})".format, inner, inner),
        st.builds("{}.copy()".format, inner),
        st.builds("Job({})".format, inner),
    ),
    max_leaves=6,
)
TARGETS = st.sampled_from([*NAMES, "a, b", "a, *b", "X['c']", "X.loc[:, 'c']", "X.c", "job.x", "self.x", "a[0]"])
SIMPLE = st.one_of(
    st.builds("{} = {}".format, TARGETS, EXPRESSIONS),
    st.builds("{}".format, EXPRESSIONS),
    st.builds("X += {}".format, EXPRESSIONS),
    st.builds("return {}".format, EXPRESSIONS),
    st.builds("yield {}".format, EXPRESSIONS),
    st.sampled_from(["pass", "break", "continue", "raise E", "del a", "del X['c']", "a.append(X)", "global X"]),
)


def _block(head: str, body: list[str], *more: str) -> list[str]:
    return [head, *(f"    {line}" for line in body), *more]


BLOCKS = st.recursive(
    st.lists(SIMPLE, min_size=1, max_size=3),
    lambda inner: st.one_of(
        st.builds(lambda one, two: [*one, *two], inner, inner),
        st.builds(lambda test, body: _block(f"if {test}:", body), EXPRESSIONS, inner),
        st.builds(lambda body, other: [*_block("if c:", body), *_block("else:", other)], inner, inner),
        st.builds(lambda each, body: _block(f"for a, b in {each}:", body), EXPRESSIONS, inner),
        st.builds(lambda body: _block("for X in (a, X):", body), inner),
        st.builds(lambda body: _block("while go():", body), inner),
        st.builds(lambda body, other: [*_block("try:", body), *_block("except E:", other)], inner, inner),
        st.builds(lambda each, body: _block(f"with {each} as b:", body), EXPRESSIONS, inner),
        st.builds(lambda body: _block("def f(a, b=X, *more, **rest):", body), inner),
        st.builds(
            lambda body: ["class Job(Forest):", *(f"    {line}" for line in _block("def __init__(self, x):", body))],
            inner,
        ),
        st.builds(lambda body: ["class Job:", *(f"    {line}" for line in _block("def fit(self, x):", body))], inner),
        st.builds(lambda body: [*_block("match a:", _block("case b:", body))], inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(BLOCKS)
def test_any_program_ends_with_events_in_order(code: list[str]) -> None:
    model = model_of("\n".join(["X = load('a')", *code, "split(X)"]))
    assert all(cell.module is not None for cell in model.unit.cells)
    events = model.events
    assert [event.number for event in events] == list(range(len(events)))
    for event in events:
        reached = event.rows.reached_by | event.earlier | event.fits | event.scores
        assert reached <= set(events)


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_a_program_means_the_same_each_time(code: list[str]) -> None:
    text = "\n".join(["X = load('a')", *code, "split(X)"])
    assert events_of(text) == events_of(text)
