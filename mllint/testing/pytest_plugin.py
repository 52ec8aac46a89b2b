"""A pytest plugin that runs case files: each case is a test.

The ini option ``mllint_cases`` names the folders, relative to the configuration file; they must be among the paths that
pytest looks at, for example in ``testpaths``::

    [tool.pytest.ini_options]
    testpaths = ["tests", "cases"]
    mllint_cases = ["cases"]

With ``MLLINT_UPDATE_CASES=1`` in the environment, blocks with fixed text are rewritten before they are compared. Nothing of
mllint is imported before the first case file is collected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mllint.testing.cases import Case

#: The environment variable that asks for fixed text to be rewritten.
UPDATE = "MLLINT_UPDATE_CASES"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option."""
    parser.addini("mllint_cases", "Folders with case files of mllint rules.", type="paths", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect Markdown files below the folders that the ini option names."""
    if file_path.suffix != ".md":
        return None
    folders = parent.config.getini("mllint_cases")
    if not any(file_path.is_relative_to(folder) for folder in folders):
        return None
    return CaseFileCollector.from_parent(parent, path=file_path)


class CaseFileCollector(pytest.File):
    """A case file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one test for each case of the file."""
        from mllint.testing.cases import CaseError, read_case_file

        try:
            if os.environ.get(UPDATE):
                from mllint.testing.runner import update_case_file

                update_case_file(self.path)
            cases = read_case_file(self.path).cases
        except CaseError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=case.title, case=case)


class CaseItem(pytest.Item):
    """A case."""

    def __init__(self, *, case: Case, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.case = case

    def runtest(self) -> None:
        """Run the case."""
        from mllint.testing.runner import check_case

        failures = check_case(self.case)
        if failures:
            raise CaseFailure("\n".join(failures))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *arguments: Any) -> Any:
        """Show what differs, without the stack of the runner."""
        if isinstance(excinfo.value, CaseFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *arguments)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Point at the block of the case."""
        return self.path, self.case.row - 1, f"{self.case.rule}: {self.case.title}"


class CaseFailure(Exception):
    """A case is not as its file says."""
