"""Runs code before and after its safe fixes with the real libraries, and compares what comes out.

Usage: ``python tests/execution/safe_fixes.py --python INTERPRETER [FILE ...]``

``INTERPRETER`` is the Python of an environment with ``requirements.txt`` beside this file (and ``torch`` for the files
in ``fixtures/execution/torch``). Every function of a file under ``fixtures/execution`` is one fix: it is called in the
file as it is and in the file with mllint's safe fixes, and both calls must return the same. A function ``draw_…``
returns what was drawn and all that could have been drawn; what the fixed file draws must be among it, and must come
again in a second run. A function that no fix has changed is a failure too.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from mllint.testing import RuleTester

_HERE = Path(__file__).resolve().parent
_CASES = _HERE.parents[1] / "fixtures" / "execution"


def main() -> None:
    """Fix, run, compare, and print a line for each function that failed; exit with 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has the libraries")
    parser.add_argument("files", nargs="*", type=Path, default=sorted(_CASES.glob("*.py")))
    arguments = parser.parse_args()
    outcomes = Counter(outcome for file in arguments.files for outcome in _run(file, arguments.python))
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    sys.exit(set(outcomes) != {"same", "possible"} and set(outcomes) != {"same"})


def _run(file: Path, python: str) -> list[str]:
    before = file.read_text(encoding="utf-8")
    fixed = RuleTester().fix(before, file.name)
    changed = _functions(before).items() - _functions(fixed.text).items()
    with TemporaryDirectory(prefix="mllint-") as directory:
        paths = [Path(directory, "before.py"), Path(directory, "after.py")]
        for path, text in zip(paths, (before, fixed.text), strict=True):
            path.write_text(text, encoding="utf-8")
        command = [python, str(_HERE / "compare.py"), *map(str, paths)]
        run = subprocess.run(command, capture_output=True, text=True, cwd=directory, check=False)
    if run.returncode:
        print(f"{file.name}: {run.stderr.strip()}")
        return ["broken"]
    outcomes = json.loads(run.stdout)
    for name, _ in sorted(_functions(before).items() - changed):
        if not name.startswith("draw_") or not fixed.applied:
            outcomes[name] = "unfixed"
    for name, outcome in outcomes.items():
        if outcome not in ("same", "possible"):
            print(f"{file.name}: {name}: {outcome}")
    return [outcome.partition(":")[0] for outcome in outcomes.values()]


def _functions(text: str) -> dict[str, str]:
    """Return the code of the functions at the top of a module by their name."""
    return {node.name: ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


if __name__ == "__main__":
    main()
