"""The rule ``unversioned-openml``."""

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call


class UnversionedOpenml(Rule):
    """A dataset is fetched from OpenML by its name, without a version.

    ## What it does
    Finds `sklearn.datasets.fetch_openml` that is given a name but neither `version` nor `data_id`, or
    `version="active"`.

    ## Why is this bad
    Several uploads on OpenML share one name. Without a version scikit-learn takes one that is active at the time; when
    its uploader deactivates it, the same line returns other rows, columns or types.

    ## Example
    ```python
    from sklearn.datasets import fetch_openml

    adult = fetch_openml("adult", as_frame=True)
    ```

    ## Use instead
    ```python
    from sklearn.datasets import fetch_openml

    adult = fetch_openml("adult", version=2, as_frame=True)
    ```

    ## Fix safety
    The fix is shown and never applied: which version your results belong to is written in the `details` of the data
    that you have.

    ## References
    - scikit-learn: `fetch_openml`,
      https://scikit-learn.org/stable/modules/generated/sklearn.datasets.fetch_openml.html
    """

    name = "unversioned-openml"
    category = "data"
    fixes = (Applicability.DISPLAY,)
    libraries = ("scikit-learn",)

    @on_call("sklearn.datasets.fetch_openml")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a fetch by name that leaves the version open."""
        name, version, identifier = call.argument("name"), call.argument("version"), call.argument("data_id")
        if name.value is None or not identifier.absent:
            return
        if not version.absent and call.literal("version") != "active":
            return
        written = ctx.model.literal(name.value)
        which = f"`{written}`" if isinstance(written, str) else "A dataset"
        ctx.report(
            call,
            f"{which} is fetched from OpenML without a version, so another upload of that name can take its place",
            help="Pass the `version` that your results belong to, or its `data_id`",
            fix=lambda: Fix(
                "Pin the version: `version=<number>`",
                [*ctx.fix.set_keyword(call.node, "version", "<number>")],
                Applicability.DISPLAY,
            ),
        )
