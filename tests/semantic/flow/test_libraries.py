"""Whole programs with what is known of real libraries: the events that rules see."""

from __future__ import annotations

from textwrap import dedent

import pytest
from flow_notation import events_of, held, model_of, overlap, real_knowledge

from mllint.semantic.flow import Overlap

PROGRAMS = {
    "scaled before the split": (
        """
        import pandas as pd
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import accuracy_score
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        df = pd.read_csv("people.csv")
        X, y = df.drop(columns=["label"]), df["label"]
        X = StandardScaler().fit_transform(X)
        X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)
        model = LogisticRegression()
        model.fit(X_train, y_train)
        print(accuracy_score(y_test, model.predict(X_test)))
        """,
        [
            "0 fit whole",
            "1 split whole whole <- 0",
            "2 fit train train <- 0",
            "3 predict test <- 0 by 2",
            "4 score test test <- 0 by 2",
        ],
    ),
    "a pipeline in a search": (
        """
        import pandas as pd
        from sklearn.compose import ColumnTransformer
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import GridSearchCV, train_test_split
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        df = pd.read_csv("people.csv")
        X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="y"), df["y"])
        prepare = ColumnTransformer([("n", StandardScaler(), ["age"]), ("c", OneHotEncoder(), ["city"])])
        search = GridSearchCV(Pipeline([("p", prepare), ("m", RandomForestClassifier())]), {}, cv=5)
        search.fit(X_train, y_train)
        search.score(X_test, y_test)
        """,
        ["0 split whole whole", "1 fit train train", "2 score test test by 1"],
    ),
    "folds": (
        """
        import numpy as np
        from sklearn.datasets import load_iris
        from sklearn.model_selection import StratifiedKFold
        from sklearn.svm import SVC

        X, y = load_iris(return_X_y=True)
        scores = []
        for fold, (train, test) in enumerate(StratifiedKFold(5).split(X, y)):
            model = SVC().fit(X[train], y[train])
            scores.append(model.score(X[test], y[test]))
        print(np.mean(scores))
        """,
        ["0 split whole whole", "1 fit train train", "2 score test test by 1"],
    ),
    "missing values filled with a mean": (
        """
        import pandas as pd
        from sklearn.model_selection import train_test_split
        from sklearn.tree import DecisionTreeRegressor

        df = pd.read_csv("houses.csv")
        df["area"].fillna(df["area"].mean(), inplace=True)
        train, test = train_test_split(df, test_size=0.2)
        tree = DecisionTreeRegressor().fit(train[["area"]], train["price"])
        tree.score(test[["area"]], test["price"])
        """,
        [
            "0 statistic whole",
            "1 apply whole of 0",
            "2 split whole <- 1",
            "3 fit train train <- 1",
            "4 score test test <- 1 by 3",
        ],
    ),
    "oversampled before the split": (
        """
        import pandas as pd
        from imblearn.over_sampling import SMOTE
        from sklearn.model_selection import train_test_split

        df = pd.read_csv("fraud.csv")
        X, y = SMOTE().fit_resample(df.drop("fraud", axis=1), df["fraud"])
        X_train, X_test, y_train, y_test = train_test_split(X, y)
        """,
        ["0 resample whole whole", "1 split whole whole <- 0"],
    ),
    "a network watched on the test rows": (
        """
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
        from tensorflow import keras

        X, y = load_digits(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(X, y)
        model = keras.Sequential([keras.layers.Dense(10)])
        model.compile(loss="mse")
        stop = keras.callbacks.EarlyStopping(restore_best_weights=True)
        model.fit(X_train, y_train, epochs=20, validation_data=(X_test, y_test), callbacks=[stop])
        model.evaluate(X_test, y_test)
        """,
        ["0 split whole whole", "1 fit train train selecting test", "2 score test test by 1"],
    ),
    "boosting that stops early": (
        """
        import xgboost as xgb
        from sklearn.datasets import load_wine
        from sklearn.model_selection import train_test_split

        X, y = load_wine(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(X, y)
        model = xgb.XGBClassifier(early_stopping_rounds=10)
        model.fit(X_train, y_train, eval_set=[(X_test, y_test)])
        model.score(X_test, y_test)
        """,
        ["0 split whole whole", "1 fit train train selecting test", "2 score test test by 1"],
    ),
    "a shift to later rows": (
        """
        import pandas as pd
        from sklearn.linear_model import Ridge

        df = pd.read_csv("prices.csv", parse_dates=["day"])
        df["next"] = df["close"].shift(-1)
        cut = int(len(df) * 0.8)
        train, test = df[:cut], df[cut:]
        Ridge().fit(train[["next"]], train["close"])
        """,
        ["0 time-order whole", "1 look-ahead whole <- 0", "2 fit train train <- 0 1"],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    code, expected = PROGRAMS[name]
    assert events_of(dedent(code), knowledge=real_knowledge()) == expected


def test_a_torch_loop() -> None:
    code = dedent(
        """
        import torch
        from torch import nn
        from torch.utils.data import DataLoader, random_split
        from torchvision import datasets

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(10, 2)

            def forward(self, x):
                return self.layer(x)

        data = datasets.MNIST("data", train=True)
        train_set, val_set = random_split(data, [50000, 10000])
        model, loss_fn = Net(), nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        best = 0.0
        for epoch in range(10):
            for x, y in DataLoader(train_set, batch_size=32, shuffle=True):
                optimizer.zero_grad()
                loss = loss_fn(model(x), y)
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                for x, y in DataLoader(val_set, batch_size=32):
                    accuracy = (model(x).argmax(dim=1) == y).float().mean()
            if accuracy > best:
                best = accuracy
                torch.save(model.state_dict(), "best.pt")
        """
    )
    events = model_of(code, real_knowledge()).events
    fit, score, choice = ([event for event in events if event.kind == kind][-1] for kind in ("fit", "score", "choose"))
    assert (fit.rows.part.value, score.rows.part.value) == ("train", "test")
    assert score.fits == {fit}
    assert choice.scores == {score}


@pytest.mark.parametrize(
    ("code", "first", "second", "expected"),
    [
        ("a = X.sample(frac=0.8)\nb = X.drop(a.index)", "a", "b", Overlap.NONE),
        ("m = np.random.rand(len(X)) < 0.8", "X[m]", "X[~m]", Overlap.NONE),
        ("p = np.random.permutation(X.index)", "X.loc[p[:80]]", "X.loc[p[80:]]", Overlap.NONE),
        ("X = X.iloc[np.random.permutation(len(X))]", "X[:80]", "X[80:]", Overlap.NONE),
        ("a, b = np.split(X, [int(0.8 * len(X))])", "a", "b", Overlap.NONE),
        ("a = X[X['year'] < 2020]\nb = X[X['year'] >= 2020]", "a", "b", Overlap.NONE),
        ("a = X.iloc[:100]\nb = X.tail(100)", "a", "b", Overlap.UNKNOWN),
    ],
)
def test_rows_divided_by_hand(code: str, first: str, second: str, expected: Overlap) -> None:
    beginning = "import numpy as np\nimport pandas as pd\nX = pd.read_csv('a.csv')\n"
    assert overlap(beginning + code, first, second, real_knowledge()) is expected


@pytest.mark.parametrize(
    ("code", "expression", "same"),
    [
        ("from sklearn.utils import shuffle\nA, b = shuffle(X, y)", "A", "X"),
        ("from sklearn.utils import shuffle\nA, b = shuffle(X, y)", "b", "y"),
        ("from sklearn.utils import shuffle\nA = shuffle(X)", "A", "X"),
        ("import tensorflow as tf\nA = tf.random.shuffle(X)", "A", "X"),
    ],
)
def test_shuffled_rows_are_the_same_rows(code: str, expression: str, same: str) -> None:
    loaded = "import pandas as pd\nX = pd.read_csv('x.csv')\ny = pd.read_csv('y.csv')"
    first, second = held(f"{loaded}\n{code}", expression, same, knowledge=real_knowledge())
    assert first.rows == second.rows


@pytest.mark.parametrize(
    ("chosen", "columns"),
    [
        ("df.filter(['a', 'b'])", {"a", "b"}),
        ("df.drop(columns=['a'])", None),
        ("df.filter(like='a')", None),
        ("df.filter(items=names)", None),
    ],
)
def test_chosen_columns(chosen: str, columns: set[str] | None) -> None:
    (value,) = held(f"import pandas as pd\ndf = pd.read_csv('x.csv')\nA = {chosen}", "A", knowledge=real_knowledge())
    assert value.columns.only == columns
    assert value.columns.known is (columns is not None or "drop" in chosen)
