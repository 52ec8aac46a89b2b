"""The built-in pack of mllint: its rules by category, and what it knows of libraries."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mllint import Pack

_ROOT = Path(__file__).parent

try:
    _VERSION = version("ml-codelint")
except PackageNotFoundError:  # run from a source tree that is not installed
    _VERSION = "0"

pack = Pack(
    name="builtin",
    package=__name__,
    root=_ROOT,
    knowledge=(_ROOT / "knowledge",),
    version=_VERSION,
)
