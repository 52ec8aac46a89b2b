"""The kit for testing rules, the same for the built-in pack and for third parties.

In code::

    from mllint.testing import RuleTester

    tester = RuleTester("my-rule")
    (diagnostic,) = tester.check("import acme\\nacme.load()\\n")

In Markdown, one file per rule, collected by the pytest plugin from the folders that the ini option ``mllint_cases``
names. A block of code is a case; a comment says what is found on its line, and a block without such comments must be
silent::

    ## Missing snapshot
    Prose for people.

    ```py
    acme.load("churn")  # error: [my-rule]
    ```

    ```py fixed
    acme.load("churn", snapshot="2024-05-01")
    ```

``mllint.testing.cases`` describes the format. Names are imported when they are first used: the plugin costs nothing in a
test run that has no such folder.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mllint.testing.cases import Case, CaseError, CaseFile, Mark, read_case_file
    from mllint.testing.examples import check_page, check_rule_file
    from mllint.testing.runner import check_case, update_case_file
    from mllint.testing.tester import RuleTester, check_cells, check_text, fix_cells, fix_text

_HOMES = {
    "mllint.testing.cases": ("Case", "CaseError", "CaseFile", "Mark", "read_case_file"),
    "mllint.testing.examples": ("check_page", "check_rule_file"),
    "mllint.testing.runner": ("check_case", "update_case_file"),
    "mllint.testing.tester": ("RuleTester", "check_cells", "check_text", "fix_cells", "fix_text"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Case",
    "CaseError",
    "CaseFile",
    "Mark",
    "RuleTester",
    "check_case",
    "check_cells",
    "check_page",
    "check_rule_file",
    "check_text",
    "fix_cells",
    "fix_text",
    "read_case_file",
    "update_case_file",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
