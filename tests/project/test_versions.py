from __future__ import annotations

import pytest

from mllint.project.versions import within


@pytest.mark.parametrize(
    ("specifier", "wanted", "answer"),
    [
        ("==2.1.0", ">=2.0", True),
        ("==1.9", ">=2.0", False),
        ("==2.1.0+cu118", ">=2.1", True),
        (">=2.0", ">=1.9", True),
        (">=1.20", ">=2.0", None),
        ("<2", ">=2.0", False),
        (">=2,<3", ">=2,<3", True),
        ("~=1.4", "<2", True),
        ("~=1.4.2", "<1.5", True),
        ("~=1.4.2", "<1.4.9", None),
        ("==1.*", "<2", True),
        ("==1.*", "<1.5", None),
        (">1.0,<1.5", ">=1.0.0", True),
        ("<=1.4", "<1.5", True),
        ("==2.0rc1", ">=2.0", False),
        ("", ">1", None),
        ("not a range", ">1", None),
        ("==1.0", "not a range", None),
    ],
)
def test_within(specifier: str, wanted: str, answer: bool | None) -> None:
    assert within(specifier, wanted) is answer
