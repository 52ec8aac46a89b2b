"""The rule ``unseeded-split``."""

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call


class UnseededSplit(Rule):
    """A split into train and test parts draws its rows without a seed.

    ## What it does
    Finds calls of split functions that shuffle rows and are given no seed: `train_test_split` without
    `random_state`, shuffling cross-validation splitters such as `KFold(shuffle=True)`, and
    `Dataset.train_test_split` of Hugging Face datasets without `seed`.

    ## Why is this bad
    Every run evaluates on different rows, so a change of the score may come from the model or from the draw, and
    nobody can tell which. Results cannot be compared between runs, people or machines.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test = train_test_split(X)
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test = train_test_split(X, random_state=42)
    ```

    ## Fix safety
    Adding a seed picks one of the possible draws, so the fix is safe where the call runs once per process and nothing
    in the program seeds the global generator. In loops, comprehensions and functions that may be called several
    times it is unsafe: draws that were independent would become equal.

    ## References
    - scikit-learn: Controlling randomness, https://scikit-learn.org/stable/common_pitfalls.html#controlling-randomness
    """

    name = "unseeded-split"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    @on_call(role="splits")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report the call if its seed is surely absent and matters."""
        print(call.name, call.fact)
