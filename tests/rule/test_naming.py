import pytest

from mllint.rule.naming import class_name, module_name, name_problem


@pytest.mark.parametrize("name", ["unseeded-split", "fit-on-test", "used-twice", "nonsense", "top2vec"])
def test_good_names(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["Unseeded", "unseeded_split", "a--b", "-a", "a-", "2d-array", "", "a b"])
def test_names_are_kebab_case(name: str) -> None:
    assert "is not kebab-case" in (name_problem(name) or "")


@pytest.mark.parametrize("name", ["use-seed", "no-global-state", "avoid-iterrows", "prefer-parquet"])
def test_names_are_no_orders(name: str) -> None:
    assert 'reads after "allow"' in (name_problem(name) or "")


def test_names_of_classes_and_modules() -> None:
    assert class_name("unseeded-split") == "UnseededSplit"
    assert module_name("unseeded-split") == "unseeded_split"
