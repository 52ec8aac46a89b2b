'''Declarative rules: rules as TOML tables, for a repository's own conventions and for tables of deprecated names.

They are rules like any other: the same metadata, page, dispatch, fixes and tester. A repository keeps its own in
``mllint-rules/*.toml``; a pack has them as ``<category>/<table>.toml``. A file holds any number of rules::

    [[rule]]
    name = "unpinned-feature-table"
    category = "data"
    summary = "A feature table is read without the snapshot it is to be read at."
    tier = "recommended"                      # or pedantic, audit
    severity = "warning"                      # or error, info
    confidence = "high"                       # or medium, low
    libraries = []                            # libraries of knowledge files; the rule sleeps where none is used
    kinds = ["script", "notebook"]            # kinds of units the rule is for
    aliases = []                              # former names
    sources = {}                              # the same rule in other tools
    since = "0.1.0"

    message = "`{call}` without `snapshot` reads whatever the table holds today"
    help = "Pass `snapshot`"

    what = "Finds ..."                        # the sections of the page; or doc = """the whole page as Markdown"""
    why = "..."
    example = """load_features("churn")"""    # code, or Markdown with its own fences
    use-instead = """load_features("churn", snapshot="2024-05-01")"""
    fix-safety = "..."
    notebook-behaviour = "..."
    references = ["https://..."]              # or text

    [[rule.match]]                            # the first entry that matches decides
    call = "acme.load_features"               # a qualified name or several; methods are named after their class
    when = [{ argument = "snapshot", is = ["absent", "none"] }]

    [rule.fix]
    kind = "set-keyword"
    name = "snapshot"
    value = "'YYYY-MM-DD'"
    applicability = "display-only"
    message = "Name the snapshot"

    [[rule.examples]]                         # run by the tester
    bad = """..."""
    good = """..."""

**What is matched.** Exactly one of

- ``call``: calls of a function, class or method;
- ``role``: calls of whatever has a role, the user's own functions included;
- ``attribute``: any use of a name, called or not, and its import: ``numpy.float``;
- ``import``: imports of a module, of what is below it, or of one name: ``sklearn.cross_validation``.

Names are those that people write: a name that knowledge keeps under a newer one is matched only where the old one is
written.

**Conditions.** All entries of ``when`` must hold. An argument is named by its keyword, and ``position`` tells its place
where knowledge lacks the signature; a list of arguments means the first that is passed. ``is`` takes one of the words
``"absent"``, ``"present"``, ``"none"`` (the literal ``None``) and ``"literal"`` (any value that can be read off the
code), a number or a boolean, one of the tables ``{ literal = "text" }``, ``{ not-literal = 0 }``, ``{ matches = "^http:" }``
(a string, or its known beginning), ``{ kind = "pandas.DataFrame" }``,
``{ written = "regex" }`` and ``{ not-written = "regex" }`` (found, or not, in the code of the argument); or a list of
these, of which one must hold. What cannot be known, because of ``*args``, ``**kwargs`` or a computed value, never holds.

``version = { distribution = "torch", range = ">=2.6" }`` asks that every version the project may run with is in the
range. ``when-unknown = "report"`` counts a version that cannot be told as in it; the default is ``"skip"``.

``unless-guarded`` leaves out what is tested for at run time (``except ImportError``, ``hasattr``, version tests). It is on
for imports, attributes, matches with a ``version`` and rules of the category ``deprecated``.

**Messages** may hold ``{call}`` (what is called, as written), ``{name}`` (the declared name that matched), ``{value}``
(the argument of the first condition, as written) and ``{argument:device}``. A match may have its own ``message``, ``help``
and ``fix`` in place of the rule's.

**Fixes**, by ``kind``:

- ``set-keyword`` (``name``, ``value``): add an argument, or change its value;
- ``replace-value`` (``name``, ``value``): change the value of an argument that is passed;
- ``rename-keyword`` (``from``, ``to``) and ``remove-argument`` (``name``);
- ``rename-callee`` (``to``): another method of the same object, or function of the same module;
- ``replace-call`` (``template``): other code in place of the whole call;
- ``replace-name`` (``to``): another qualified name in place of the matched one, imports included;
- ``move-import`` (``from``, ``to``): import from a new place, and follow in the code.

``value`` and ``template`` are code and may hold ``{call}``, ``{receiver}`` (what the method is called on), ``{arguments}`` (all
of them, as written), ``{argument:name}``, ``{seed}`` (the configured seed) and, with ``import = "module:name"`` beside it,
``{import}``, the imported thing; a brace of the code itself is doubled. A fix that cannot be made without losing a
comment, or without knowing an argument, is left out and the finding stands without it.
'''

from __future__ import annotations

from mllint.rule.declarative.loading import load_rules
from mllint.rule.declarative.rule import DeclarativeRule

__all__ = ["DeclarativeRule", "load_rules"]
