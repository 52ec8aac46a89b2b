"""The rule ``missing-model-card``."""

from __future__ import annotations

import re

import libcst as cst

from mllint import CallSite, Context, Rule, Severity, Tier, on_unit

#: Calls that keep a finished model, by their last names; the role alone also covers checkpoints and data.
_KEEPS = frozenset({"save_pretrained", "push_to_hub", "save_model", "log_model", "dump", "save"})
#: Names of things that are models.
_MODEL = re.compile(
    r"(?i)(?:^|_)(?:models?|clf|classifier|regressor|estimator|pipeline|pipe|net|network|forest|booster|learner"
    r"|best_model)$"
)
_NO_MODEL = re.compile(r"(?i)tokenizer|processor|extractor|config|scheduler|scaler|vectorizer|encoder$|vocab|optimizer")
_CHECKPOINT = re.compile(
    r"(?i)check_?point|ckpt|epoch|step|resume|snapshot|last|latest|/tmp/|temp|debug|callback|convert"
)
_CARD_FILE = re.compile(r"(?i)(?:^|/)[^/]*model[-_ .]?cards?[^/]*$")
_CARD_KEYS = frozenset({"library_name:", "model-index:", "pipeline_tag:", "base_model:"})
_CARD_HEADING = re.compile(
    r"\bmodel (?:card|details|description)\b|\bintended uses?\b|\bout[- ]of[- ]scope\b|\blimitations\b|\bbias\b"
)
_ELSEWHERE = re.compile(
    r"(?i)(?:^|/)(?:tests?|examples?|tutorials?|docs?|benchmarks?|demos?|samples?|templates?)(?:/|$)|(?:^|/)test_"
)
#: A repository of so many programs is a collection, not the home of one model.
_MANY_PROGRAMS = 15


class MissingModelCard(Rule):
    """A program saves a model, and no model card says what it is for.

    ## What it does
    Finds programs that save a finished model (`joblib.dump(model, …)`, `torch.save(model.state_dict(), …)`,
    `save_pretrained`, `push_to_hub`, `log_model` …) in projects without a model card. A model card is a file such
    as `MODEL_CARD.md`, a README with the front matter of the Hugging Face hub, or a README with a section on the
    model, its intended use, its limitations or its bias. Checkpoints, temporary files, tests, examples, notebooks
    and repositories that collect many programs are left alone. One diagnostic is given per program, at the first
    save.

    ## Why is this bad
    The file outlives the memory of who trained it. Whoever finds it needs to know what data it has seen, what it may
    be used for, how well it does for whom, and where it fails; without a card it is used where it must not be.

    ## Example
    ```python
    import joblib
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

    customers = pd.read_csv("customers.csv")
    model = RandomForestClassifier(random_state=0)
    model.fit(customers.drop(columns="churned"), customers["churned"])
    joblib.dump(model, "churn.joblib")
    print("saved")
    ```

    ## Use instead
    Put a card beside the code:

    ```markdown MODEL_CARD.md
    # Churn model

    Says which customers are likely to leave within a quarter, so that somebody calls them; not for prices.
    Trained on the extract of March, customers in Germany only. Recall 0.63, below 0.4 for contracts under a month.
    ```

    ```python
    import joblib
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

    customers = pd.read_csv("customers.csv")
    model = RandomForestClassifier(random_state=0)
    model.fit(customers.drop(columns="churned"), customers["churned"])
    joblib.dump(model, "churn.joblib")
    print("saved")
    ```

    ## Notebook behaviour
    Notebooks are left alone: what they save is mostly for the next cell.

    ## References
    - Mitchell et al.: Model cards for model reporting, https://arxiv.org/abs/1810.03993
    - Hugging Face hub: Model cards, https://huggingface.co/docs/hub/model-cards
    """

    name = "missing-model-card"
    category = "documentation"
    tier = Tier.PEDANTIC
    severity = Severity.INFO
    kinds = ("script",)
    triggers = ("save_pretrained", "push_to_hub", "save_model", "log_model", "dump", "save")

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the first call of a program that keeps a finished model."""
        if not ctx.model.is_entry_point or _ELSEWHERE.search(ctx.unit.name) or _has_card(ctx):
            return
        if sum(module.is_entry_point for module in ctx.project.modules.values()) > _MANY_PROGRAMS:
            return
        for call in ctx.model.calls:
            if "saves-model" in call.roles and call.last_name in _KEEPS and _is_finished_model(call, ctx):
                ctx.report(
                    call,
                    f"`{ctx.model.text(call.node.func)}` keeps a model, and no model card in the project says what it "
                    "is for and where it fails",
                    help="Add a `MODEL_CARD.md`: purpose, training data, results, limits",
                    certain=call.certain,
                )
                return


def _has_card(ctx: Context) -> bool:
    if any(_CARD_FILE.search(name) for name in ctx.project.files):
        return True
    if "ModelCard" in ctx.unit.text or "create_model_card" in ctx.unit.text or "model_card" in ctx.unit.text:
        return True
    topics = {topic for document in ctx.project.topics.values() for topic in document}
    return bool(topics & _CARD_KEYS) or any(_CARD_HEADING.search(topic) for topic in topics)


def _is_finished_model(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call surely saves a model, outside loops and not as a checkpoint."""
    if ctx.model.in_loop(call.node) or _CHECKPOINT.search(ctx.model.text(call.node)):
        return False
    function = ctx.model.function(call.node)
    if isinstance(function, cst.FunctionDef) and _CHECKPOINT.search(function.name.value):
        return False
    if (call.name or "").rpartition(".")[0].endswith("Trainer") and call.last_name == "push_to_hub":
        return False  # it writes a card itself
    saved = call.arguments_for(call.fact.data) if call.fact is not None else []
    subject = saved[0] if saved else call.receiver
    return subject is not None and _is_model(subject, ctx)


def _is_model(node: cst.BaseExpression, ctx: Context) -> bool:
    if isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("state_dict", "cpu", "eval"):
            return _is_model(node.func.value, ctx)
        name = ctx.model.call(node).last_name
        return _MODEL.search(name) is not None and _NO_MODEL.search(name) is None
    kind = ctx.model.kind(node)
    tags = ctx.knowledge.tags(kind) if kind is not None else frozenset()
    if tags & {"stateless", "learns-statistics", "learns-vocabulary"}:
        return False
    if tags & {"module", "estimator"}:
        return True
    name = ctx.model.text(node).rpartition(".")[2]
    return _MODEL.search(name) is not None and _NO_MODEL.search(name) is None
