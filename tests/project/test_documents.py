from __future__ import annotations

from pathlib import Path

from mllint.project.build import project_facts
from mllint.project.documents import introduced_notebooks, read_topics, topics


def test_headings_and_front_matter_are_topics() -> None:
    text = "---\nlicense: mit\nmodel-index:\n  - name: churn\n---\n# The Churn Model\n\nText.\n\n## Intended use ##\n"
    assert topics(text) == ("license:", "model-index:", "the churn model", "intended use")


def test_underlined_headings_are_topics() -> None:
    assert topics("Churn\n=====\n\nLimits\n------\n") == ("churn", "limits")


def test_a_rule_between_paragraphs_is_no_front_matter() -> None:
    assert topics("Text.\n\n---\n\nkey: value\n") == ()


def test_only_documents_are_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Churn\n")
    (tmp_path / "Makefile").write_text("# all\n")
    (tmp_path / "LICENSE.txt").write_bytes(b"\xff\xfe# x")
    found = read_topics(tmp_path, ["README.md", "Makefile", "LICENSE.txt", "missing.md"])
    assert found["README.md"] == ("churn",)
    assert set(found) == {"README.md", "LICENSE.txt"}


def test_notebooks_that_documents_speak_of(tmp_path: Path) -> None:
    notebooks = ["a/one.ipynb", "b/one.ipynb", "b/two words.ipynb", "c/d/three.ipynb", "c/four.ipynb", "e/x.ipynb"]
    documents = {
        "README.rst": "See c/d/three.ipynb and x.ipynb.",
        "a/Readme.md": "Who leaves?",
        "b/readme.md": "Run [this](two%20words.ipynb) first.",
        "c/notes.md": "See four.ipynb.",
        "e/notes.md": "Something else.",
    }
    for name, text in documents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = introduced_notebooks(tmp_path, notebooks, [*documents, "b/missing.md"])
    assert found == {"a/one.ipynb", "b/two words.ipynb", "c/d/three.ipynb", "c/four.ipynb"}


def test_facts_of_a_project_hold_topics_and_change_with_them(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'churn'\n")
    (tmp_path / "README.md").write_text("# Churn\n")
    before = project_facts(tmp_path, exclude=("nothing-1",))
    (tmp_path / "README.md").write_text("# Churn\n\n## Limitations\n")
    after = project_facts(tmp_path, exclude=("nothing-2",))
    assert before.topics == {"README.md": ("churn",)}
    assert after.topics == {"README.md": ("churn", "limitations")}
    assert before.fingerprint() != after.fingerprint()
