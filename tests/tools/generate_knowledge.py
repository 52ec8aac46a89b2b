"""Write the knowledge files that follow installed libraries: signatures by inspection, everything else from tables.

Run it in a throw-away environment that has the libraries; the linter itself never imports them::

    pip install scikit-learn imbalanced-learn category_encoders feature_engine numpy scipy pandas
    python tests/tools/generate_knowledge.py [sklearn imblearn ...]

What the tables below say was decided by hand: roles, tags, and when a seed matters. Where a library is asked for a
seed by its documentation but gives the same result without one, the seed is left away on purpose.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

KNOWLEDGE = Path(__file__).parents[2] / "rules" / "mllint_rules" / "knowledge"
_LONGEST_DEFAULT = 24

#: The order of the keys of a function or method.
_KEYS = (
    "roles",
    "parameters",
    "data",
    "paths",
    "returns",
    "tags",
    "seed",
    "seed-when",
    "validation",
    "selects-when",
    "ahead-when",
    "behind-when",
    "ordered-when",
    "stateless-when",
    "cuts-when",
    "told-by",
)

Facts = dict[str, Any]


def main(names: list[str]) -> None:
    """Write the named knowledge files, or all of them."""
    for name, generate in GENERATORS.items():
        if not names or name in names:
            (KNOWLEDGE / f"{name}.toml").write_text(render(generate()), encoding="utf-8")


# Rendering


def render(facts: Facts) -> str:
    """Return the text of a knowledge file: one line for a function or method, one table for a class."""
    lines = [
        f"# Written by tests/tools/generate_knowledge.py from {facts['source']}; change the tables there.",
        f"library = {_toml(facts['library'])}",
    ]
    lines += [
        f"{key} = {_toml(facts[key])}"
        for key in ("modules", "distributions", "import-names", "generator")
        if facts.get(key)
    ]
    for key in ("aliases", "functions"):
        if facts.get(key):
            lines += ["", f"[{key}]", *(f"{_toml(k)} = {_toml(_in_order(v))}" for k, v in sorted(facts[key].items()))]
    for name, fact in sorted(facts.get("classes", {}).items()):
        lines += ["", f"[classes.{_toml(name)}]"]
        lines += [
            f"{key} = {_toml(value)}" for key, value in fact.items() if key != "methods" and value not in ([], None)
        ]
        methods = sorted(fact.get("methods", {}).items())
        lines += [f"methods.{method} = {_toml(_in_order(value))}" for method, value in methods]
    if facts.get("distinctive"):
        lines += ["", "[distinctive]", *(f"{_key(k)} = {_toml(v)}" for k, v in sorted(facts["distinctive"].items()))]
    return "\n".join(lines) + "\n"


def _in_order(fact: Any) -> Any:
    """Return a fact with its keys in the order in which the files give them."""
    return fact if isinstance(fact, str) else {key: fact[key] for key in sorted(fact, key=_KEYS.index)}


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items() if item not in ([], None))
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    raise TypeError(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


# Signatures


def parameters_of(function: Any, *, method: bool = False) -> str | None:
    """Return the parameter list of a callable as knowledge files write it, or None if it cannot be seen.

    Parameters that newer releases take by keyword only are written as positional: older code passes them by position,
    in this order, and must not look as if it left them out.
    """
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if method and found and found[0].name in ("self", "cls"):
        found = found[1:]
    parts: list[str] = []
    for parameter in found:
        if parameter.kind is parameter.VAR_POSITIONAL:
            parts.append(f"*{parameter.name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            parts.append(f"**{parameter.name}")
        else:
            default = "" if parameter.default is parameter.empty else f"={_default(parameter.default)}"
            parts.append(parameter.name + default)
    return ", ".join(parts)


def _default(value: object) -> str:
    plain = value is None or isinstance(value, (bool, int, float, str))
    text = repr(value)
    fits = len(text) <= _LONGEST_DEFAULT and not re.search(r"[,\[\](){}\\\n<]", text)
    return text if plain and fits else "..."


def names_in(parameters: str | None) -> list[str]:
    """Return the names in a parameter list, ``*name`` with its star."""
    parts = (part.partition("=")[0].strip() for part in (parameters or "").split(","))
    return [part for part in parts if part and part != "*" and not part.startswith("**")]


def public_module(module: str) -> str:
    """Return the part of a module name before its first private component."""
    return module.split("._", 1)[0]


def has_seed(parameters: str | None, name: str = "random_state") -> bool:
    """Tell whether a parameter list has a seed that is left open by default."""
    return re.search(rf"\b{name}(=None)?(,|$)", parameters or "") is not None


def words(text: str) -> list[str]:
    """Split a table of names."""
    return text.split()


def listed(tables: dict[str, list[str]], name: str) -> list[str]:
    """Return the keys of the tables that list a name."""
    return [key for key, names in tables.items() if name in names]


#: When a row of a result uses later or earlier rows, or is known to be in the order of time, by condition.
AHEAD: Facts = {"ahead-when": ["always"]}
BEHIND: Facts = {"behind-when": ["always"]}
ORDERED: Facts = {"ordered-when": ["always"]}


# scikit-learn and what follows its protocol

METHOD_ROLES: dict[str, list[str]] = {
    "fit": ["fits"],
    "partial_fit": ["fits", "fits-further"],
    "transform": ["transforms"],
    "inverse_transform": ["keeps-rows"],
    "fit_transform": ["fits-and-transforms"],
    "predict": ["predicts"],
    "predict_proba": ["predicts"],
    "predict_log_proba": ["predicts"],
    "decision_function": ["predicts"],
    "staged_predict": ["predicts"],
    "staged_predict_proba": ["predicts"],
    "score_samples": ["predicts"],
    "fit_predict": ["fits", "predicts"],
    "score": ["scores"],
    "split": ["splits"],
    "fit_resample": ["resamples"],
    "fit_sample": ["resamples"],
    "get_n_splits": [],
    "sample": ["draws-random"],
    "kneighbors": ["predicts"],
    "apply": ["predicts"],
    "from_estimator": ["scores"],
    "from_predictions": ["scores"],
    "from_cv_results": [],
}
RETURNS_SELF = frozenset({"fit", "partial_fit"})
DATA_NAMES = frozenset(
    words(
        "X y Y Xt X_in raw_documents y_true y_pred y_score y_prob y_proba y_type labels_true labels_pred labels"
        " pred_decision probas_pred a b y1 y2 S T K A M affinity adjacency dissimilarities emp_cov raw_X *arrays"
    )
)


def data_in(parameters: str | None) -> list[str]:
    """Return the parameters that carry rows."""
    names = names_in(parameters)
    return [name for name in names if name in DATA_NAMES and (name != "labels" or "X" in names)]


def method_fact(cls: type, name: str) -> Facts | None:
    """Return the fact of a method of the estimator protocol, or None if the class lacks it."""
    if name == "fit_sample" or not callable(getattr(cls, name, None)):
        return None
    parameters = parameters_of(getattr(cls, name), method=True)
    return {
        "roles": METHOD_ROLES[name],
        "parameters": parameters,
        "data": data_in(parameters),
        "returns": "self" if name in RETURNS_SELF else None,
    }


#: Public bases: name -> (bases, tags, methods as they are most often declared).
SKLEARN_BASES: dict[str, tuple[list[str], list[str], dict[str, str]]] = {
    "sklearn.base.BaseEstimator": ([], ["estimator"], {"fit": "X, y=None, **fit_params"}),
    "sklearn.base.TransformerMixin": (
        [],
        [],
        {
            "fit": "X, y=None, **fit_params",
            "transform": "X",
            "fit_transform": "X, y=None, **fit_params",
            "inverse_transform": "X",
        },
    ),
    "sklearn.base.ClassifierMixin": (
        [],
        ["classifier"],
        {
            "fit": "X, y, sample_weight=None",
            "predict": "X",
            "predict_proba": "X",
            "predict_log_proba": "X",
            "decision_function": "X",
            "score": "X, y, sample_weight=None",
        },
    ),
    "sklearn.base.RegressorMixin": (
        [],
        ["regressor"],
        {"fit": "X, y, sample_weight=None", "predict": "X", "score": "X, y, sample_weight=None"},
    ),
    "sklearn.base.ClusterMixin": (
        [],
        ["clusterer"],
        {"fit": "X, y=None, sample_weight=None", "fit_predict": "X, y=None, **kwargs", "predict": "X"},
    ),
    "sklearn.base.OutlierMixin": (
        [],
        ["outlier-detector"],
        {"fit_predict": "X, y=None, **kwargs", "predict": "X", "decision_function": "X", "score_samples": "X"},
    ),
    "sklearn.base.DensityMixin": ([], [], {"score": "X, y=None"}),
    "sklearn.base.BiclusterMixin": ([], ["clusterer"], {}),
    "sklearn.model_selection.BaseCrossValidator": (
        [],
        ["splitter"],
        {"split": "X, y=None, groups=None", "get_n_splits": "X=None, y=None, groups=None"},
    ),
    "sklearn.model_selection.BaseShuffleSplit": (
        ["sklearn.model_selection.BaseCrossValidator"],
        [],
        {},
    ),
}

_STATISTICS = """
StandardScaler MinMaxScaler MaxAbsScaler RobustScaler QuantileTransformer PowerTransformer KBinsDiscretizer
SplineTransformer KernelCenterer SimpleImputer KNNImputer IterativeImputer PCA IncrementalPCA KernelPCA SparsePCA
MiniBatchSparsePCA TruncatedSVD NMF MiniBatchNMF FastICA FactorAnalysis DictionaryLearning MiniBatchDictionaryLearning
LatentDirichletAllocation Isomap LocallyLinearEmbedding TSNE MDS SpectralEmbedding ClassicalMDS CountVectorizer
TfidfVectorizer TfidfTransformer Nystroem PLSSVD PLSRegression CCA PLSCanonical BernoulliRBM RandomTreesEmbedding
ColumnTransformer FeatureUnion SelectKBest SelectPercentile GenericUnivariateSelect SelectFpr SelectFdr SelectFwe RFE RFECV
SelectFromModel SequentialFeatureSelector VarianceThreshold TargetEncoder LinearDiscriminantAnalysis
NeighborhoodComponentsAnalysis IsotonicRegression FeatureAgglomeration KMeans MiniBatchKMeans BisectingKMeans Birch
KNeighborsTransformer RadiusNeighborsTransformer AffinityPropagation AgglomerativeClustering DBSCAN HDBSCAN MeanShift
OPTICS SpectralClustering SpectralBiclustering SpectralCoclustering GaussianMixture BayesianGaussianMixture
"""
SKLEARN_TAGS: dict[str, list[str]] = {
    "learns-statistics": words(_STATISTICS),
    "learns-vocabulary": words(
        "OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer MultiLabelBinarizer DictVectorizer MissingIndicator"
        " CountVectorizer TfidfVectorizer TfidfTransformer"
    ),
    "affine": words("StandardScaler MinMaxScaler MaxAbsScaler RobustScaler"),
    "scale-invariant": words(
        "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor RandomForestClassifier"
        " RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor GradientBoostingClassifier"
        " GradientBoostingRegressor HistGradientBoostingClassifier HistGradientBoostingRegressor"
        # Without a penalty, weights take up the scale; densities and covariances move with it.
        " LinearRegression GaussianNB LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis"
        # Made of trees, unless they are given something else.
        " AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor"
    ),
    "imputer": words("SimpleImputer KNNImputer IterativeImputer"),
    "counts-features": words("MultinomialNB ComplementNB BernoulliNB CategoricalNB"),
    "stateless": words(
        "FeatureHasher PatchExtractor HashingVectorizer AdditiveChi2Sampler Binarizer FunctionTransformer Normalizer"
        " PolynomialFeatures GaussianRandomProjection SparseRandomProjection RBFSampler SkewedChi2Sampler"
        " PolynomialCountSketch SparseCoder"
    ),
    "supervised": words(
        "SelectKBest SelectPercentile GenericUnivariateSelect SelectFpr SelectFdr SelectFwe RFE RFECV SelectFromModel"
        " SequentialFeatureSelector TargetEncoder LinearDiscriminantAnalysis NeighborhoodComponentsAnalysis"
        " IsotonicRegression PLSRegression PLSCanonical PLSSVD CCA"
    ),
    "selects-features": words(
        "SelectKBest SelectPercentile GenericUnivariateSelect SelectFpr SelectFdr SelectFwe RFE RFECV SelectFromModel"
        " SequentialFeatureSelector VarianceThreshold"
    ),
    "reduces-dimensions": words(
        "PCA IncrementalPCA KernelPCA SparsePCA MiniBatchSparsePCA TruncatedSVD NMF MiniBatchNMF FastICA FactorAnalysis"
        " DictionaryLearning MiniBatchDictionaryLearning LatentDirichletAllocation Isomap LocallyLinearEmbedding TSNE MDS"
        " ClassicalMDS SpectralEmbedding LinearDiscriminantAnalysis NeighborhoodComponentsAnalysis FeatureAgglomeration"
        " GaussianRandomProjection SparseRandomProjection PLSSVD PLSRegression PLSCanonical CCA"
    ),
    "pipeline": words("Pipeline FeatureUnion ColumnTransformer"),
    "picks-columns": ["ColumnTransformer"],
    "clusterer": words("GaussianMixture BayesianGaussianMixture"),
    "seeds-members": words("AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor"),
    "search": words(
        "GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV TunedThresholdClassifierCV ElasticNetCV"
        " LarsCV LassoCV LassoLarsCV LogisticRegressionCV MultiTaskElasticNetCV MultiTaskLassoCV RidgeCV RidgeClassifierCV"
        " OrthogonalMatchingPursuitCV"
    ),
    "cross-fits": ["TargetEncoder"],
    "learns-edges": ["KBinsDiscretizer"],
    "time-aware": words("TimeSeriesSplit"),
    "group-aware": words("GroupKFold StratifiedGroupKFold GroupShuffleSplit LeaveOneGroupOut LeavePGroupsOut"),
}
#: Methods that do something else than their name says in most classes; ``Class.method``.
SKLEARN_METHOD_ROLES: dict[str, list[str]] = {
    "LearningCurveDisplay.from_estimator": ["cross-validates"],
    "ValidationCurveDisplay.from_estimator": ["cross-validates"],
    "DecisionBoundaryDisplay.from_estimator": ["predicts"],
    "PartialDependenceDisplay.from_estimator": ["predicts"],
}
#: Classes whose fit stops where the score on rows it is given is best; by their constructor.
SKLEARN_SELECTS_WHEN = {
    name: ["early_stopping!=False"] for name in words("HistGradientBoostingClassifier HistGradientBoostingRegressor")
}
#: When the seed matters, where it does not always; None: it never does at sensible settings, or only beside it.
SKLEARN_SEED_WHEN: dict[str, list[str] | None] = {
    "AdaBoostClassifier": None,
    "ClassifierChain": ["order=random"],
    "RegressorChain": ["order=random"],
    "DummyClassifier": ["strategy=stratified|uniform"],
    **{
        name: ["selection=random"]
        for name in words(
            "Lasso LassoCV ElasticNet ElasticNetCV MultiTaskLasso MultiTaskLassoCV MultiTaskElasticNet"
            " MultiTaskElasticNetCV"
        )
    },
    **{
        # Without subsets of rows or columns only ties are broken by chance.
        name: ["subsample!=1.0|1", "max_features!=None", "n_iter_no_change!=None"]
        for name in words("GradientBoostingClassifier GradientBoostingRegressor")
    },
    **{
        # Ties are everywhere in the small nodes of a tree that is grown out, and rare above them.
        name: ["max_depth=None", "max_features!=None", "splitter=random"]
        for name in words("DecisionTreeClassifier DecisionTreeRegressor")
    },
    "GaussianProcessClassifier": ["n_restarts_optimizer!=0"],
    "GaussianProcessRegressor": ["n_restarts_optimizer!=0"],
    "GaussianMixture": ["n_components!=1"],
    "BayesianGaussianMixture": ["n_components!=1"],
    "HistGradientBoostingClassifier": ["early_stopping=True"],
    "HistGradientBoostingRegressor": ["early_stopping=True"],
    "IterativeImputer": ["sample_posterior=True", "imputation_order=random", "n_nearest_features!=None"],
    "KBinsDiscretizer": None,
    "KernelPCA": ["eigen_solver=arpack|randomized"],
    **{name: ["init=k-means++|random"] for name in words("KMeans BisectingKMeans")},
    "Lars": ["jitter!=None"],
    "LassoLars": ["jitter!=None"],
    # Liblinear and the stochastic solvers of Ridge end at the same optimum, within their tolerance.
    "LinearSVC": None,
    "LinearSVR": None,
    "LocallyLinearEmbedding": ["eigen_solver=arpack"],
    "LogisticRegression": ["solver=sag|saga"],
    "LogisticRegressionCV": ["solver=sag|saga"],
    "NeighborhoodComponentsAnalysis": ["init=random"],
    "NuSVC": ["probability=True"],
    "SVC": ["probability=True"],
    "PCA": ["svd_solver=randomized|arpack"],
    "PatchExtractor": ["max_patches!=None"],
    "QuantileTransformer": None,
    "Ridge": None,
    "RidgeClassifier": None,
    "TargetEncoder": None,
    "TunedThresholdClassifierCV": None,
    **{name: ["shuffle=True"] for name in words("KFold StratifiedKFold GroupKFold StratifiedGroupKFold")},
    **{
        name: ["shuffle=True"]
        for name in words("check_cv fetch_covtype fetch_kddcup99 fetch_rcv1 learning_curve train_test_split")
    },
    "ridge_regression": None,
    "locally_linear_embedding": ["eigen_solver=arpack"],
    "silhouette_score": ["sample_size!=None"],
    "extract_patches_2d": ["max_patches!=None"],
    "quantile_transform": None,
}
SKLEARN_MODULES = words(
    "base calibration cluster compose covariance cross_decomposition datasets decomposition discriminant_analysis dummy"
    " ensemble feature_extraction feature_extraction.image feature_extraction.text feature_selection gaussian_process"
    " gaussian_process.kernels impute inspection isotonic kernel_approximation kernel_ridge linear_model manifold metrics"
    " metrics.cluster metrics.pairwise mixture model_selection multiclass multioutput naive_bayes neighbors"
    " neural_network pipeline preprocessing random_projection semi_supervised svm tree utils utils.class_weight"
    " utils.extmath utils.random frozen"
)
#: Functions that are of use to rules, by role; ``module.name`` without the leading ``sklearn.``.
SKLEARN_FUNCTION_ROLES: dict[str, tuple[list[str], list[str]]] = {
    "model_selection.train_test_split": (["splits", "draws-random", "shuffles"], []),
    **dict.fromkeys(
        words(
            "model_selection.cross_val_score model_selection.cross_validate model_selection.learning_curve"
            " model_selection.validation_curve model_selection.permutation_test_score"
        ),
        (["cross-validates"], []),
    ),
    "model_selection.cross_val_predict": (["cross-validates", "predicts"], []),
    **dict.fromkeys(
        words(
            "preprocessing.scale preprocessing.minmax_scale preprocessing.maxabs_scale preprocessing.robust_scale"
            " preprocessing.quantile_transform preprocessing.power_transform"
        ),
        (["fits-and-transforms"], ["learns-statistics"]),
    ),
    **dict.fromkeys(
        words(
            "preprocessing.normalize preprocessing.binarize preprocessing.add_dummy_feature preprocessing.label_binarize"
        ),
        (["transforms", "keeps-rows"], ["stateless"]),
    ),
    **dict.fromkeys(
        words(
            "feature_selection.chi2 feature_selection.f_classif feature_selection.f_regression"
            " feature_selection.mutual_info_classif feature_selection.mutual_info_regression feature_selection.r_regression"
        ),
        (["reduces-rows"], ["supervised"]),
    ),
    **dict.fromkeys(
        words(
            "cluster.ward_tree cluster.linkage_tree manifold.trustworthiness linear_model.ridge_regression"
            " linear_model.lasso_path linear_model.enet_path linear_model.lars_path"
            " covariance.empirical_covariance covariance.fast_mcd covariance.graphical_lasso covariance.ledoit_wolf"
            " covariance.oas covariance.shrunk_covariance isotonic.isotonic_regression svm.l1_min_c"
            " cluster.estimate_bandwidth cluster.kmeans_plusplus cluster.cluster_optics_dbscan cluster.cluster_optics_xi"
            " cluster.compute_optics_graph utils.extmath.randomized_svd utils.extmath.randomized_range_finder"
        ),
        (["reduces-rows"], []),
    ),
    **dict.fromkeys(
        words(
            "cluster.k_means cluster.dbscan cluster.affinity_propagation cluster.mean_shift cluster.spectral_clustering"
        ),
        (["fits-and-transforms"], ["learns-statistics", "clusterer"]),
    ),
    **dict.fromkeys(
        words(
            "decomposition.fastica decomposition.dict_learning decomposition.dict_learning_online"
            " decomposition.non_negative_factorization manifold.smacof manifold.spectral_embedding"
            " manifold.locally_linear_embedding"
        ),
        (["fits-and-transforms"], ["learns-statistics", "reduces-dimensions"]),
    ),
    **dict.fromkeys(
        words(
            "metrics.roc_curve metrics.precision_recall_curve metrics.det_curve metrics.metric_at_thresholds"
            " metrics.confusion_matrix_at_thresholds"
        ),
        (["scores"], ["threshold-curve"]),
    ),
    **dict.fromkeys(
        words(
            "metrics.pairwise.cosine_distances metrics.pairwise.cosine_similarity metrics.pairwise.euclidean_distances"
            " metrics.pairwise.haversine_distances metrics.pairwise.linear_kernel metrics.pairwise.manhattan_distances"
            " metrics.pairwise.nan_euclidean_distances metrics.pairwise.pairwise_distances"
            " metrics.pairwise.pairwise_distances_argmin metrics.pairwise.pairwise_distances_argmin_min"
            " metrics.pairwise.pairwise_distances_chunked metrics.pairwise.pairwise_kernels"
            " metrics.pairwise.polynomial_kernel metrics.pairwise.rbf_kernel metrics.pairwise.sigmoid_kernel"
        ),
        (["keeps-rows"], []),
    ),
    "calibration.calibration_curve": (["scores"], []),
    "metrics.consensus_score": (["scores"], []),
    "model_selection.check_cv": ([], []),
    "utils.shuffle": (["shuffles", "draws-random", "keeps-rows"], []),
    "utils.resample": (["resamples", "samples", "draws-random"], []),
    "utils.random.sample_without_replacement": (["draws-random"], []),
    "utils.class_weight.compute_class_weight": (["reduces-rows"], ["counts"]),
    "utils.class_weight.compute_sample_weight": (["keeps-rows"], []),
    "inspection.permutation_importance": (["scores", "draws-random"], []),
    "inspection.partial_dependence": (["predicts"], []),
    "datasets.dump_svmlight_file": (["saves-data"], []),
    "datasets.load_svmlight_file": (["loads-data"], []),
    "datasets.load_svmlight_files": (["loads-data"], []),
    "datasets.load_files": (["loads-data"], []),
    "feature_extraction.image.extract_patches_2d": (["draws-random"], []),
    "base.clone": ([], []),
    "pipeline.make_pipeline": ([], ["pipeline"]),
    "pipeline.make_union": ([], ["pipeline"]),
    "compose.make_column_transformer": ([], ["pipeline"]),
    "compose.make_column_selector": ([], []),
    "metrics.make_scorer": ([], []),
    "metrics.get_scorer": ([], []),
    # The score is the curve that it measures.
    "metrics.auc": (["reduces-rows"], []),
    "neighbors.kneighbors_graph": (["reduces-rows"], []),
    "neighbors.radius_neighbors_graph": (["reduces-rows"], []),
    "tree.export_graphviz": ([], []),
    "tree.export_text": ([], []),
    "tree.plot_tree": ([], []),
    "utils.check_random_state": (["makes-generator"], []),
}
SKLEARN_RETURNS = {
    "pipeline.make_pipeline": "sklearn.pipeline.Pipeline",
    "pipeline.make_union": "sklearn.pipeline.FeatureUnion",
    "compose.make_column_transformer": "sklearn.compose.ColumnTransformer",
    "utils.check_random_state": "numpy.random.RandomState",
    "model_selection.check_cv": "sklearn.model_selection.BaseCrossValidator",
    "model_selection.cross_val_score": "numpy.ndarray",
    "model_selection.cross_validate": "builtins.dict",
    "model_selection.cross_val_predict": "numpy.ndarray",
}
SKLEARN_PATHS = frozenset(words("data_home container_path f files out_file"))
#: Modules that were private or public under another name in older releases; the names inside stayed.
SKLEARN_OLD_MODULES = {
    "ensemble": "bagging forest gradient_boosting iforest stacking voting voting_classifier weight_boosting",
    "tree": "tree export",
    "feature_extraction": "dict_vectorizer hashing",
    "cluster": "affinity_propagation_ bicluster birch dbscan_ hierarchical k_means_ mean_shift_ optics_ spectral",
    "covariance": "elliptic_envelope empirical_covariance_ graph_lasso_ robust_covariance shrunk_covariance_",
    "cross_decomposition": "cca_ pls_",
    "decomposition": "base factor_analysis fastica_ incremental_pca kernel_pca nmf online_lda pca sparse_pca truncated_svd",
    "feature_selection": "from_model mutual_info_ rfe univariate_selection variance_threshold",
    "gaussian_process": "gpc gpr",
    "linear_model": "base bayes coordinate_descent huber least_angle logistic omp passive_aggressive perceptron ransac"
    " ridge stochastic_gradient theil_sen",
    "manifold": "isomap locally_linear mds spectral_embedding_ t_sne",
    "metrics": "classification ranking regression scorer",
    "metrics.cluster": "supervised unsupervised",
    "mixture": "gaussian_mixture bayesian_mixture",
    "model_selection": "",
    "neighbors": "classification graph kde lof nca nearest_centroid regression unsupervised",
    "neural_network": "multilayer_perceptron rbm",
    "preprocessing": "data label imputation",
    "semi_supervised": "label_propagation",
    "svm": "classes",
    "datasets": "base samples_generator species_distributions svmlight_format twenty_newsgroups california_housing",
}
SKLEARN_ALIASES = {
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.learning_curve": "sklearn.model_selection",
    "sklearn.lda.LDA": "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
    "sklearn.qda.QDA": "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
    "sklearn.mixture.GMM": "sklearn.mixture.GaussianMixture",
    "sklearn.mixture.DPGMM": "sklearn.mixture.BayesianGaussianMixture",
    "sklearn.mixture.VBGMM": "sklearn.mixture.BayesianGaussianMixture",
    "sklearn.pls": "sklearn.cross_decomposition",
    "sklearn.decomposition.RandomizedPCA": "sklearn.decomposition.PCA",
    "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer",
    "sklearn.preprocessing.Scaler": "sklearn.preprocessing.StandardScaler",
    "sklearn.preprocessing.CategoricalEncoder": "sklearn.preprocessing.OneHotEncoder",
    **{
        f"sklearn.metrics.{name}": f"sklearn.metrics.pairwise.{name}"
        for name in words(
            "euclidean_distances nan_euclidean_distances pairwise_distances pairwise_distances_argmin"
            " pairwise_distances_argmin_min pairwise_distances_chunked pairwise_kernels"
        )
    },
    "sklearn.preprocessing.imputation.Imputer": "sklearn.impute.SimpleImputer",
    "sklearn.covariance.GraphLasso": "sklearn.covariance.GraphicalLasso",
    "sklearn.covariance.GraphLassoCV": "sklearn.covariance.GraphicalLassoCV",
    "sklearn.neighbors.LSHForest": "sklearn.neighbors.NearestNeighbors",
    "sklearn.metrics.jaccard_similarity_score": "sklearn.metrics.jaccard_score",
    "sklearn.externals.joblib": "joblib",
    "sklearn.utils.validation.check_random_state": "sklearn.utils.check_random_state",
    "sklearn.decomposition.randomized_svd": "sklearn.utils.extmath.randomized_svd",
    "sklearn.utils.estimator_checks.check_random_state": "sklearn.utils.check_random_state",
}
#: What older releases had and the installed one lacks.
SKLEARN_GONE: Facts = {
    "sklearn.datasets.load_boston": {"roles": ["loads-data"], "parameters": "*, return_X_y=False"},
    "sklearn.datasets.fetch_mldata": {
        "roles": ["loads-data", "downloads"],
        "parameters": "dataname, target_name='label', data_name='data', transpose_data=True, data_home=None",
        "paths": ["data_home"],
    },
    **{
        f"sklearn.metrics.plot_{name}": {
            "roles": ["scores"],
            "parameters": "estimator, X, y_true, *, sample_weight=None, **kwargs",
            "data": ["X", "y_true"],
        }
        for name in ("confusion_matrix", "roc_curve", "precision_recall_curve", "det_curve")
    },
}
SKLEARN_DISTINCTIVE = words(
    """
model_selection.train_test_split model_selection.cross_val_score model_selection.cross_validate
model_selection.cross_val_predict model_selection.GridSearchCV model_selection.RandomizedSearchCV model_selection.KFold
model_selection.StratifiedKFold model_selection.GroupKFold model_selection.StratifiedShuffleSplit
model_selection.ShuffleSplit model_selection.GroupShuffleSplit model_selection.TimeSeriesSplit
model_selection.RepeatedStratifiedKFold model_selection.RepeatedKFold
preprocessing.StandardScaler preprocessing.MinMaxScaler preprocessing.MaxAbsScaler preprocessing.RobustScaler
preprocessing.PowerTransformer preprocessing.QuantileTransformer preprocessing.LabelEncoder preprocessing.OneHotEncoder
preprocessing.OrdinalEncoder preprocessing.LabelBinarizer preprocessing.MultiLabelBinarizer
preprocessing.PolynomialFeatures preprocessing.KBinsDiscretizer impute.SimpleImputer impute.KNNImputer
decomposition.TruncatedSVD feature_extraction.text.TfidfVectorizer feature_extraction.text.CountVectorizer
feature_selection.SelectKBest feature_selection.SelectFromModel feature_selection.SelectPercentile
feature_selection.VarianceThreshold feature_selection.RFECV compose.ColumnTransformer compose.make_column_transformer
pipeline.make_pipeline pipeline.Pipeline pipeline.FeatureUnion decomposition.PCA svm.SVC svm.SVR manifold.TSNE
linear_model.Ridge linear_model.Lasso
linear_model.LogisticRegression linear_model.LinearRegression linear_model.SGDClassifier linear_model.SGDRegressor
linear_model.RidgeClassifier linear_model.ElasticNet linear_model.LassoCV linear_model.RidgeCV
tree.DecisionTreeClassifier tree.DecisionTreeRegressor ensemble.RandomForestClassifier ensemble.RandomForestRegressor
ensemble.ExtraTreesClassifier ensemble.ExtraTreesRegressor ensemble.GradientBoostingClassifier
ensemble.GradientBoostingRegressor ensemble.HistGradientBoostingClassifier ensemble.HistGradientBoostingRegressor
ensemble.AdaBoostClassifier ensemble.BaggingClassifier ensemble.VotingClassifier ensemble.StackingClassifier
ensemble.IsolationForest neighbors.KNeighborsClassifier neighbors.KNeighborsRegressor svm.LinearSVC
naive_bayes.GaussianNB naive_bayes.MultinomialNB neural_network.MLPClassifier neural_network.MLPRegressor
cluster.KMeans cluster.MiniBatchKMeans cluster.AgglomerativeClustering cluster.DBSCAN mixture.GaussianMixture
metrics.accuracy_score metrics.f1_score metrics.precision_score metrics.recall_score metrics.roc_auc_score
metrics.mean_squared_error metrics.mean_absolute_error metrics.r2_score metrics.classification_report
metrics.confusion_matrix metrics.log_loss metrics.average_precision_score metrics.balanced_accuracy_score
"""
)


def sklearn() -> Facts:
    """Return the facts about scikit-learn."""
    importlib.import_module("sklearn.experimental.enable_iterative_imputer")
    importlib.import_module("sklearn.experimental.enable_halving_search_cv")
    classes: Facts = {}
    functions, private = {}, {}
    for base, (bases, tags, methods) in SKLEARN_BASES.items():
        classes[base] = {"bases": bases, "tags": tags, "methods": _base_methods(methods)}
    classes["sklearn.base.BaseEstimator"]["methods"]["set_params"] = {"parameters": "**params", "returns": "self"}
    for short in SKLEARN_MODULES:
        module = importlib.import_module(f"sklearn.{short}")
        for name in getattr(module, "__all__", dir(module)):
            thing = getattr(module, name, None)
            where = getattr(thing, "__module__", "") or ""
            if thing is None or not where.startswith("sklearn.") or name.startswith("_"):
                continue
            if not hasattr(module, "__all__") and public_module(where) != f"sklearn.{short}":
                continue
            qualified = f"sklearn.{short}.{name}"
            if public_module(where) != where and f"sklearn.{short}" == public_module(where):
                private[where] = f"sklearn.{short}"
            if inspect.isclass(thing):
                if qualified not in classes and (fact := sklearn_class(thing, name)) is not None:
                    classes[qualified] = fact
            elif callable(thing) and (fact := sklearn_function(thing, short, name)) is not None:
                functions[qualified] = fact
    functions |= {name: fact for name, fact in SKLEARN_GONE.items() if name not in functions}
    aliases = private | SKLEARN_ALIASES
    for package, modules in SKLEARN_OLD_MODULES.items():
        aliases |= {f"sklearn.{package}.{old}": f"sklearn.{package}" for old in modules.split()}
    aliases |= {
        f"sklearn.metrics.cluster.{name.rpartition('.')[2]}": name
        for name in functions
        if name.startswith("sklearn.metrics.")
        and "sklearn.metrics.cluster." + name.rpartition(".")[2] in functions
        and name.count(".") == 2
    }
    functions = {name: fact for name, fact in functions.items() if name not in aliases}
    return {
        "source": f"scikit-learn {importlib.import_module('sklearn').__version__}",
        "library": "scikit-learn",
        "generator": "numpy",
        "modules": ["sklearn"],
        "distributions": ["scikit-learn", "sklearn"],
        "aliases": aliases,
        "functions": functions,
        "classes": classes,
        "distinctive": {
            **{name.rpartition(".")[2]: f"sklearn.{name}" for name in SKLEARN_DISTINCTIVE},
            "fit_transform": "sklearn.base.TransformerMixin.fit_transform",
            "inverse_transform": "sklearn.base.TransformerMixin.inverse_transform",
            "predict_proba": "sklearn.base.ClassifierMixin.predict_proba",
            "predict_log_proba": "sklearn.base.ClassifierMixin.predict_log_proba",
            "decision_function": "sklearn.base.ClassifierMixin.decision_function",
            "fit_predict": "sklearn.base.ClusterMixin.fit_predict",
        },
    }


def _base_methods(methods: dict[str, str]) -> Facts:
    return {
        name: {
            "roles": METHOD_ROLES[name],
            "parameters": parameters,
            "data": data_in(parameters),
            "returns": "self" if name in RETURNS_SELF else None,
        }
        for name, parameters in methods.items()
    }


def sklearn_class(cls: type, name: str) -> Facts | None:
    """Return the facts of one class: its public bases, its seed, and the methods that differ from those bases."""
    import sklearn.base

    known = {base.rpartition(".")[2]: base for base in SKLEARN_BASES}
    bases = [known[base.__name__] for base in cls.__mro__[1:] if base.__name__ in known]
    if any(issubclass(cls, kind) for kind in (sklearn.base.BaseEstimator,)) is False and not (
        "sklearn.model_selection.BaseCrossValidator" in bases
        or {"split", "from_estimator"} & set(dir(cls))
        or name in ("ParameterGrid", "ParameterSampler")
    ):
        return None
    if "sklearn.model_selection.BaseShuffleSplit" in bases:
        bases = ["sklearn.model_selection.BaseShuffleSplit"]
    elif hasattr(cls, "split") and "sklearn.model_selection.BaseCrossValidator" not in bases:
        bases = ["sklearn.model_selection.BaseCrossValidator"]
    bases = sorted(set(bases), key=bases.index)
    if "sklearn.base.BaseEstimator" in bases:
        bases = [base for base in bases if base != "sklearn.base.BaseEstimator"] + ["sklearn.base.BaseEstimator"]
    fact = protocol_class(cls, name, bases, SKLEARN_TAGS, SKLEARN_SEED_WHEN, _base_methods_of(bases))
    for method, roles in SKLEARN_METHOD_ROLES.items():
        if method.partition(".")[0] == name:
            method_name = method.partition(".")[2]
            fact["methods"][method_name] = (method_fact(cls, method_name) or {}) | {"roles": roles}
    if name in SKLEARN_SELECTS_WHEN:
        fact["selects-when"] = SKLEARN_SELECTS_WHEN[name]
        fact["methods"]["fit"]["validation"] = ["X_val", "y_val"]
    if name in ("ParameterGrid", "ParameterSampler"):
        fact["roles"] = ["searches"]
    return fact


def _base_methods_of(bases: Iterable[str]) -> Facts:
    """Return the methods that a class gets from its declared bases, nearest first."""
    found: Facts = {}
    for base in bases:
        parents, _, methods = SKLEARN_BASES[base]
        for name, fact in (_base_methods_of(parents) | _base_methods(methods)).items():
            found.setdefault(name, fact)
    return found


#: When instances learn nothing from the rows they are fitted on.
#: When a list of words is cut by how often they occur.
CUTS_WHEN = {"CountVectorizer": ["max_features!=None", "min_df!=1", "max_df!=1.0"]}
STATELESS_WHEN = {
    "SimpleImputer": ["strategy=constant"],
    "OneHotEncoder": ["categories!=auto"],
    "OrdinalEncoder": ["categories!=auto"],
}


def protocol_class(
    cls: type,
    name: str,
    bases: list[str],
    tags: dict[str, list[str]],
    seed_when: dict[str, list[str] | None],
    inherited: Facts,
) -> Facts:
    """Return the facts of a class that follows the estimator protocol."""
    parameters = parameters_of(cls)
    seeded = has_seed(parameters) and seed_when.get(name, []) is not None
    methods = {}
    for method in METHOD_ROLES:
        fact = method_fact(cls, method)
        if fact is None:
            continue
        if "search" in (tag for tag, members in tags.items() if name in members) and method == "fit":
            fact["roles"] = ["fits", "searches"]
        if fact != inherited.get(method):
            methods[method] = fact
    return {
        "bases": bases,
        "parameters": parameters or "",
        "tags": [tag for tag, members in tags.items() if name in members] + ["global-state"] * seeded,
        "seed": "random_state" if seeded else None,
        "seed-when": seed_when.get(name) if seeded else None,
        "stateless-when": STATELESS_WHEN.get(name),
        "cuts-when": CUTS_WHEN.get(name),
        "methods": methods,
    }


def sklearn_function(function: Callable[..., Any], short: str, name: str) -> Facts | None:
    """Return the facts of one function, or None if no rule could want it."""
    parameters = parameters_of(function)
    roles, tags = SKLEARN_FUNCTION_ROLES.get(f"{short}.{name}", (None, []))
    if roles is None:
        if short == "datasets":
            kind = name.partition("_")[0]
            kinds = {
                "fetch": ["loads-data", "downloads"],
                "load": ["loads-data"],
                "make": ["loads-data", "draws-random"],
            }
            if kind not in kinds:
                return None
            roles = kinds[kind]
        elif short in ("metrics", "metrics.cluster") and (
            data_in(parameters) and {"y_true", "labels_true", "labels"} & set(names_in(parameters))
        ):
            roles = ["scores"]
        else:
            return None
    seeded = has_seed(parameters) and SKLEARN_SEED_WHEN.get(name, []) is not None
    data = data_in(parameters) if short != "datasets" or name.startswith("dump") else []
    return {
        "roles": roles,
        "parameters": parameters,
        "data": ["x", "y"] if name == "auc" else data,
        "paths": [parameter for parameter in names_in(parameters) if parameter in SKLEARN_PATHS],
        "returns": SKLEARN_RETURNS.get(f"{short}.{name}"),
        "tags": tags + ["global-state"] * seeded,
        "seed": "random_state" if seeded else ("seed" if name == "check_random_state" else None),
        "seed-when": SKLEARN_SEED_WHEN.get(name) if seeded else None,
    }


# Libraries in the style of scikit-learn

IMBLEARN_MODULES = words("base combine ensemble metrics over_sampling pipeline under_sampling model_selection datasets")
IMBLEARN_TAGS: dict[str, list[str]] = {
    "oversampler": words(
        "RandomOverSampler SMOTE SMOTENC SMOTEN BorderlineSMOTE SVMSMOTE KMeansSMOTE ADASYN SMOTEENN SMOTETomek"
    ),
    "undersampler": words(
        "RandomUnderSampler NearMiss TomekLinks EditedNearestNeighbours RepeatedEditedNearestNeighbours AllKNN"
        " CondensedNearestNeighbour OneSidedSelection NeighbourhoodCleaningRule InstanceHardnessThreshold"
        " ClusterCentroids SMOTEENN SMOTETomek"
    ),
    "pipeline": ["Pipeline"],
    "seeds-members": words(
        "BalancedBaggingClassifier EasyEnsembleClassifier RUSBoostClassifier InstanceHardnessThreshold"
    ),
}


def imblearn() -> Facts:
    """Return the facts about imbalanced-learn."""
    sampler = "imblearn.base.SamplerMixin"
    resample = _base_methods({"fit_resample": "X, y, **params"})["fit_resample"]
    classes: Facts = {
        sampler: {
            "tags": ["resampler"],
            "bases": ["sklearn.base.BaseEstimator"],
            "methods": {
                "fit": _base_methods({"fit": "X, y, **params"})["fit"],
                "fit_resample": resample,
                "fit_sample": resample,
            },
        }
    }
    functions, aliases = {}, {}
    for short in IMBLEARN_MODULES:
        module = importlib.import_module(f"imblearn.{short}")
        for name in getattr(module, "__all__", dir(module)):
            thing = getattr(module, name, None)
            where = getattr(thing, "__module__", "") or ""
            if thing is None or name.startswith("_") or not where.startswith("imblearn") or name == "SamplerMixin":
                continue
            qualified = f"imblearn.{short}.{name}"
            if public_module(where) != where:
                aliases[where] = f"imblearn.{short}"
            if inspect.isclass(thing):
                if hasattr(thing, "fit_resample") and name != "Pipeline":
                    classes[qualified] = protocol_class(
                        thing, name, [sampler], IMBLEARN_TAGS, {}, classes[sampler]["methods"]
                    )
                elif name == "Pipeline":
                    classes[qualified] = protocol_class(
                        thing, name, ["sklearn.pipeline.Pipeline"], IMBLEARN_TAGS, {}, {}
                    )
                elif short == "model_selection" and hasattr(thing, "split"):
                    known = ["sklearn.model_selection.BaseCrossValidator"]
                    classes[qualified] = protocol_class(thing, name, known, IMBLEARN_TAGS, {}, _base_methods_of(known))
                elif short == "ensemble":
                    known = ["sklearn.base.ClassifierMixin", "sklearn.base.BaseEstimator"]
                    classes[qualified] = protocol_class(thing, name, known, IMBLEARN_TAGS, {}, _base_methods_of(known))
            elif short == "metrics" and callable(thing):
                parameters = parameters_of(thing)
                if data := data_in(parameters):
                    functions[qualified] = {"roles": ["scores"], "parameters": parameters, "data": data}
    functions["imblearn.pipeline.make_pipeline"] = {
        "parameters": "*steps, memory=None, transform_input=None, verbose=False",
        "returns": "imblearn.pipeline.Pipeline",
        "tags": ["pipeline"],
    }
    functions["imblearn.datasets.fetch_datasets"] = {
        "roles": ["loads-data", "downloads"],
        "parameters": parameters_of(importlib.import_module("imblearn.datasets").fetch_datasets),
        "paths": ["data_home"],
        "seed": "random_state",
        "seed-when": ["shuffle=True"],
    }
    functions["imblearn.datasets.make_imbalance"] = {
        "roles": ["samples", "draws-random"],
        "parameters": parameters_of(importlib.import_module("imblearn.datasets").make_imbalance),
        "data": ["X", "y"],
        "seed": "random_state",
    }
    aliases |= {
        "imblearn.FunctionSampler": "imblearn.base.FunctionSampler",
        "imblearn.ensemble.EasyEnsemble": "imblearn.ensemble.EasyEnsembleClassifier",
        "imblearn.over_sampling.random_over_sampler": "imblearn.over_sampling",
        "imblearn.over_sampling.smote": "imblearn.over_sampling",
        "imblearn.under_sampling.prototype_selection": "imblearn.under_sampling",
        "imblearn.under_sampling.prototype_generation": "imblearn.under_sampling",
    }
    return {
        "source": f"imbalanced-learn {importlib.import_module('imblearn').__version__}",
        "library": "imbalanced-learn",
        "generator": "numpy",
        "modules": ["imblearn"],
        "distributions": ["imbalanced-learn", "imblearn"],
        "aliases": aliases,
        "functions": functions,
        "classes": classes,
        "distinctive": {
            "fit_resample": f"{sampler}.fit_resample",
            "fit_sample": f"{sampler}.fit_sample",
            **{
                name: f"imblearn.{package}.{name}"
                for package, names in {
                    "over_sampling": "SMOTE ADASYN RandomOverSampler BorderlineSMOTE SMOTENC SVMSMOTE",
                    "under_sampling": "RandomUnderSampler NearMiss TomekLinks",
                    "combine": "SMOTEENN SMOTETomek",
                }.items()
                for name in names.split()
            },
        },
    }


ENCODER_TAGS: dict[str, list[str]] = {
    "learns-statistics": words(
        "TargetEncoder LeaveOneOutEncoder WOEEncoder MEstimateEncoder JamesSteinEncoder CatBoostEncoder GLMMEncoder"
        " QuantileEncoder SummaryEncoder CountTargetEncoder CountEncoder"
    ),
    "supervised": words(
        "TargetEncoder LeaveOneOutEncoder WOEEncoder MEstimateEncoder JamesSteinEncoder CatBoostEncoder GLMMEncoder"
        " QuantileEncoder SummaryEncoder CountTargetEncoder"
    ),
    "learns-vocabulary": words(
        "OneHotEncoder OrdinalEncoder BinaryEncoder BaseNEncoder GrayEncoder SumEncoder HelmertEncoder"
        " BackwardDifferenceEncoder PolynomialEncoder RankHotEncoder MultiHotEncoder"
    ),
    "stateless": ["HashingEncoder"],
}
#: The random part is noise that is off by default.
ENCODER_SEED_WHEN: dict[str, list[str] | None] = {
    **{name: ["sigma!=None"] for name in words("CatBoostEncoder LeaveOneOutEncoder")},
    **{name: ["randomized=True"] for name in words("GLMMEncoder JamesSteinEncoder MEstimateEncoder WOEEncoder")},
}


def category_encoders() -> Facts:
    """Return the facts about category_encoders."""
    module = importlib.import_module("category_encoders")
    bases = ["sklearn.base.TransformerMixin", "sklearn.base.BaseEstimator"]
    classes, aliases = {}, {}
    # Left away where statsmodels is not installed.
    glmm = importlib.import_module("category_encoders.glmm").GLMMEncoder
    for name, thing in sorted((vars(module) | {"GLMMEncoder": glmm}).items()):
        if inspect.isclass(thing) and name.endswith("Encoder"):
            fact = protocol_class(thing, name, bases, ENCODER_TAGS, ENCODER_SEED_WHEN, _base_methods_of(bases))
            fact["methods"].pop("get_n_splits", None)
            classes[f"category_encoders.{name}"] = fact
            aliases[thing.__module__] = "category_encoders"
    return {
        "source": f"category_encoders {module.__version__}",
        "library": "category_encoders",
        "generator": "numpy",
        "modules": ["category_encoders"],
        "distributions": ["category-encoders"],
        "import-names": {"ce": "category_encoders"},
        "aliases": aliases,
        "classes": classes,
    }


FEATURE_ENGINE_MODULES = words(
    "creation datetime discretisation encoding imputation outliers preprocessing scaling selection text"
    " timeseries.forecasting transformation wrappers"
)
_FEATURE_SELECTORS = words(
    "DropConstantFeatures DropCorrelatedFeatures DropDuplicateFeatures DropHighPSIFeatures MRMR ProbeFeatureSelection"
    " RecursiveFeatureAddition RecursiveFeatureElimination SelectByInformationValue SelectByShuffling"
    " SelectBySingleFeaturePerformance SelectByTargetMeanPerformance SmartCorrelatedSelection"
)
_FEATURE_SUPERVISED = words(
    "MeanEncoder WoEEncoder DecisionTreeEncoder DecisionTreeDiscretiser DecisionTreeFeatures MRMR ProbeFeatureSelection"
    " RecursiveFeatureAddition RecursiveFeatureElimination SelectByInformationValue SelectByShuffling"
    " SelectBySingleFeaturePerformance SelectByTargetMeanPerformance"
)
FEATURE_ENGINE_TAGS: dict[str, list[str]] = {
    "learns-statistics": words(
        "MeanMedianImputer EndTailImputer CategoricalImputer RandomSampleImputer EqualFrequencyDiscretiser"
        " EqualWidthDiscretiser GeometricWidthDiscretiser CountFrequencyEncoder RareLabelEncoder Winsorizer OutlierTrimmer"
        " MeanNormalizationScaler BoxCoxTransformer YeoJohnsonTransformer"
    )
    + sorted({*_FEATURE_SELECTORS, *_FEATURE_SUPERVISED}),
    "learns-vocabulary": words(
        "OneHotEncoder OrdinalEncoder StringSimilarityEncoder AddMissingIndicator MatchCategories"
    ),
    "supervised": _FEATURE_SUPERVISED,
    "selects-features": _FEATURE_SELECTORS,
    "stateless": words(
        "ArbitraryNumberImputer ArbitraryDiscretiser ArbitraryOutlierCapper LogTransformer LogCpTransformer"
        " ReciprocalTransformer ArcsinTransformer ArcSinhTransformer PowerTransformer CyclicalFeatures DatetimeFeatures"
        " DatetimeSubtraction DatetimeOrdinal MathFeatures RelativeFeatures DropFeatures TextFeatures GeoDistanceFeatures"
        " DropMissingData MatchVariables LagFeatures WindowFeatures ExpandingWindowFeatures"
    ),
    "pipeline": ["SklearnTransformerWrapper"],
    "learns-edges": words(
        "EqualFrequencyDiscretiser EqualWidthDiscretiser GeometricWidthDiscretiser DecisionTreeDiscretiser"
    ),
}
_LOOKING_BACK = words("LagFeatures WindowFeatures ExpandingWindowFeatures")


def feature_engine() -> Facts:
    """Return the facts about feature_engine."""
    bases = ["sklearn.base.TransformerMixin", "sklearn.base.BaseEstimator"]
    classes: Facts = {}
    for short in FEATURE_ENGINE_MODULES:
        module = importlib.import_module(f"feature_engine.{short}")
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing):
                when: dict[str, list[str] | None] = {"RandomSampleImputer": ["seed=general"]}
                fact = protocol_class(thing, name, bases, FEATURE_ENGINE_TAGS, when, _base_methods_of(bases))
                if name in _LOOKING_BACK:
                    for method in ("transform", "fit_transform"):
                        fact["methods"][method] = (method_fact(thing, method) or {}) | BEHIND
                classes[f"feature_engine.{short}.{name}"] = fact
    return {
        "source": f"feature_engine {importlib.metadata.version('feature_engine')}",
        "library": "feature_engine",
        "generator": "numpy",
        "modules": ["feature_engine"],
        "distributions": ["feature-engine"],
        "aliases": {
            "feature_engine.pipeline": "sklearn.pipeline",
            "feature_engine.missing_data_imputers": "feature_engine.imputation",
            "feature_engine.categorical_encoders": "feature_engine.encoding",
            "feature_engine.discretisers": "feature_engine.discretisation",
            "feature_engine.outlier_removers": "feature_engine.outliers",
            "feature_engine.feature_selection": "feature_engine.selection",
            "feature_engine.variable_transformers": "feature_engine.transformation",
        },
        "functions": {
            "feature_engine.datasets.load_titanic": {"roles": ["loads-data", "downloads"], "parameters": None},
        },
        "classes": classes,
    }


# numpy and scipy

#: Legacy draws and their parameters, which compiled code does not show.
NUMPY_DRAWS = {
    "beta": "a, b, size=None",
    "binomial": "n, p, size=None",
    "bytes": "length",
    "chisquare": "df, size=None",
    "choice": "a, size=None, replace=True, p=None",
    "dirichlet": "alpha, size=None",
    "exponential": "scale=1.0, size=None",
    "f": "dfnum, dfden, size=None",
    "gamma": "shape, scale=1.0, size=None",
    "geometric": "p, size=None",
    "gumbel": "loc=0.0, scale=1.0, size=None",
    "hypergeometric": "ngood, nbad, nsample, size=None",
    "laplace": "loc=0.0, scale=1.0, size=None",
    "logistic": "loc=0.0, scale=1.0, size=None",
    "lognormal": "mean=0.0, sigma=1.0, size=None",
    "logseries": "p, size=None",
    "multinomial": "n, pvals, size=None",
    "multivariate_normal": "mean, cov, size=None, check_valid='warn', tol=1e-08",
    "negative_binomial": "n, p, size=None",
    "noncentral_chisquare": "df, nonc, size=None",
    "noncentral_f": "dfnum, dfden, nonc, size=None",
    "normal": "loc=0.0, scale=1.0, size=None",
    "pareto": "a, size=None",
    "permutation": "x",
    "poisson": "lam=1.0, size=None",
    "power": "a, size=None",
    "rayleigh": "scale=1.0, size=None",
    "shuffle": "x",
    "standard_cauchy": "size=None",
    "standard_exponential": "size=None",
    "standard_gamma": "shape, size=None",
    "standard_normal": "size=None",
    "standard_t": "df, size=None",
    "triangular": "left, mode, right, size=None",
    "uniform": "low=0.0, high=1.0, size=None",
    "vonmises": "mu, kappa, size=None",
    "wald": "mean, scale, size=None",
    "weibull": "a, size=None",
    "zipf": "a, size=None",
}
NUMPY_LEGACY_DRAWS = {
    **NUMPY_DRAWS,
    "rand": "*d",
    "randint": "low, high=None, size=None, dtype=int",
    "randn": "*d",
    "random": "size=None",
    "random_integers": "low, high=None, size=None",
    "random_sample": "size=None",
    "ranf": "size=None",
    "sample": "size=None",
    "tomaxint": "size=None",
}
NUMPY_GENERATOR_DRAWS = {
    **NUMPY_DRAWS,
    "choice": "a, size=None, replace=True, p=None, axis=0, shuffle=True",
    "integers": "low, high=None, size=None, dtype=..., endpoint=False",
    "multivariate_hypergeometric": "colors, nsample, size=None, method='marginals'",
    "permutation": "x, axis=0",
    "permuted": "x, *, axis=None, out=None",
    "random": "size=None, dtype=..., out=None",
    "shuffle": "x, axis=0",
    "standard_exponential": "size=None, dtype=..., method='zig', out=None",
    "standard_normal": "size=None, dtype=..., out=None",
}
NUMPY_REDUCTIONS = words(
    "mean std var median average min max amin amax sum prod ptp percentile quantile nanmean nanstd nanvar nanmedian nanmin"
    " nanmax nansum nanprod nanpercentile nanquantile corrcoef correlate cov histogram histogram2d histogramdd bincount"
    " histogram_bin_edges count_nonzero trace argmax argmin unique linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh"
    " linalg.norm linalg.cond linalg.det linalg.matrix_rank linalg.slogdet linalg.svd linalg.lstsq linalg.qr linalg.pinv"
    " polyfit any all nanargmax nanargmin"
)
NUMPY_KEEPS = words(
    "array asarray asanyarray ascontiguousarray copy nan_to_num clip where interp digitize abs absolute exp expm1 log log1p"
    " log2 log10 sqrt square cbrt sign round around rint floor ceil sin cos tan arctan2 tanh isnan isfinite power"
    " logical_not logical_and logical_or maximum minimum add subtract multiply divide vectorize reshape ravel squeeze"
    " expand_dims transpose atleast_1d atleast_2d column_stack c_ cumsum cumprod diff argsort sort apply_along_axis dot"
    " matmul flip roll rot90 swapaxes moveaxis fliplr flipud isinf argpartition partition nancumsum nancumprod gradient"
    " convolve lib.stride_tricks.sliding_window_view"
)
NUMPY_TAGS: dict[str, list[str]] = {
    "counts": words("any all bincount count_nonzero unique"),
    "missing-mask": words("isnan isfinite isinf"),
    "windows": ["lib.stride_tricks.sliding_window_view"],
    "shifts": words("roll diff"),
    "differences": ["diff"],
    "learns-edges": ["histogram_bin_edges"],
}
#: What picks the best of several numbers.
NUMPY_CHOOSES = words("argmax argmin nanargmax nanargmin max min amax amin nanmax nanmin argsort sort argpartition")
NUMPY_TIME: dict[str, Facts] = {
    **dict.fromkeys(
        words("cumsum cumprod nancumsum nancumprod diff lib.stride_tricks.sliding_window_view"),
        BEHIND,
    ),
    "roll": {"ahead-when": ["shift<0"], "behind-when": ["shift>0"]},
    "gradient": AHEAD | BEHIND,
    "convolve": {"ahead-when": ["mode=same"], "behind-when": ["mode=same|full"]},
}
NUMPY_KEEPS_BY_HAND = {
    "array": "object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, like=None",
    "asarray": "a, dtype=None, order=None, *, device=None, copy=None, like=None",
    "asanyarray": "a, dtype=None, order=None, *, device=None, copy=None, like=None",
    "ascontiguousarray": "a, dtype=None, *, like=None",
    "where": "condition, x=None, y=None",
}
NUMPY_MERGES = {
    "concatenate": "arrays, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "concat": "arrays, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "vstack": "tup, *, dtype=None, casting='same_kind'",
    "row_stack": "tup, *, dtype=None, casting='same_kind'",
    "stack": "arrays, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "append": "arr, values, axis=None",
    "insert": "arr, obj, values, axis=None",
    "hstack": "tup, *, dtype=None, casting='same_kind'",
    "dstack": "tup",
    "repeat": "a, repeats, axis=None",
    "tile": "A, reps",
    "union1d": "ar1, ar2",
}
#: What puts arrays beside one another, so that the rows stay those of the first.
BESIDE = words("hstack merge merge_asof merge_ordered join")
NUMPY_SELECTS = words("compress take delete extract split array_split vsplit setdiff1d intersect1d resize trim_zeros")
NUMPY_MAKES = {
    "arange": "start, stop=None, step=None, dtype=None, *, device=None, like=None",
    "empty": "shape, dtype=float, order='C', *, device=None, like=None",
    "zeros": "shape, dtype=float, order='C', *, device=None, like=None",
    "ones": "shape, dtype=None, order='C', *, device=None, like=None",
    "full": "shape, fill_value, dtype=None, order='C', *, device=None, like=None",
    "linspace": "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None",
    "logspace": "start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0",
    "eye": "N, M=None, k=0, dtype=float, order='C', *, device=None, like=None",
    "identity": "n, dtype=None, *, like=None",
    "zeros_like": "a, dtype=None, order='K', subok=True, shape=None, *, device=None",
    "ones_like": "a, dtype=None, order='K', subok=True, shape=None, *, device=None",
    "full_like": "a, fill_value, dtype=None, order='K', subok=True, shape=None, *, device=None",
    "empty_like": "prototype, dtype=None, order='K', subok=True, shape=None, *, device=None",
}
#: name -> (roles, parameters, data, paths)
NUMPY_FILES: dict[str, tuple[list[str], str, list[str], list[str]]] = {
    "load": (
        ["loads-data"],
        "file, mmap_mode=None, allow_pickle=False, fix_imports=True, encoding='ASCII', *, max_header_size=10000",
        [],
        ["file"],
    ),
    "loadtxt": (
        ["loads-data"],
        "fname, dtype=float, comments='#', delimiter=None, converters=None, skiprows=0, usecols=None, unpack=False, ndmin=0,"
        " encoding=None, max_rows=None, *, quotechar=None, like=None",
        [],
        ["fname"],
    ),
    "genfromtxt": (
        ["loads-data"],
        "fname, dtype=float, comments='#', delimiter=None, skip_header=0, skip_footer=0, converters=None,"
        " missing_values=None, filling_values=None, usecols=None, names=None, excludelist=None, deletechars=..., "
        "replace_space='_', autostrip=False, case_sensitive=True, defaultfmt='f%i', unpack=None, usemask=False, loose=True,"
        " invalid_raise=True, max_rows=None, encoding=None, *, ndmin=0, like=None",
        [],
        ["fname"],
    ),
    "recfromcsv": (["loads-data"], "fname, **kwargs", [], ["fname"]),
    "fromfile": (["loads-data"], "file, dtype=float, count=-1, sep='', offset=0, *, like=None", [], ["file"]),
    "fromregex": (["loads-data"], "file, regexp, dtype, encoding=None", [], ["file"]),
    "memmap": (["loads-data"], "filename, dtype=..., mode='r+', offset=0, shape=None, order='C'", [], ["filename"]),
    "save": (["saves-data"], "file, arr, allow_pickle=True, fix_imports=...", ["arr"], ["file"]),
    "savez": (["saves-data"], "file, *args, allow_pickle=True, **kwds", ["*args"], ["file"]),
    "savez_compressed": (["saves-data"], "file, *args, allow_pickle=True, **kwds", ["*args"], ["file"]),
    "savetxt": (
        ["saves-data"],
        "fname, X, fmt='%.18e', delimiter=' ', newline='...', header='', footer='', comments='# ', encoding=None",
        ["X"],
        ["fname"],
    ),
}
ARRAY_METHODS = {
    "keeps-rows": "astype copy view reshape ravel flatten squeeze transpose clip round cumsum cumprod tolist argsort"
    " swapaxes dot fill sort byteswap argpartition",
    "reduces-rows": "mean std var min max sum prod ptp trace argmax argmin all any item",
    "selects-rows": "take compress nonzero repeat",
}
ARRAY_PARAMETERS = {
    "astype": "dtype, order='K', casting='unsafe', subok=True, copy=True",
    "reshape": "*shape, order='C', copy=None",
    "transpose": "*axes",
    "clip": "min=None, max=None, out=None, **kwargs",
    "sum": "axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True",
    "mean": "axis=None, dtype=None, out=None, keepdims=False, *, where=True",
    "std": "axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None",
    "var": "axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None",
    "min": "axis=None, out=None, keepdims=False, initial=None, where=True",
    "max": "axis=None, out=None, keepdims=False, initial=None, where=True",
    "ptp": "axis=None, out=None, keepdims=False",
    "argmax": "axis=None, out=None, *, keepdims=False",
    "argmin": "axis=None, out=None, *, keepdims=False",
    "sort": "axis=-1, kind=None, order=None",
    "argsort": "axis=-1, kind=None, order=None",
}


def _numpy_words(name: str, roles: list[str]) -> Facts:
    """Return the roles, tags and conditions of time that functions and methods of a name share."""
    return {
        "roles": roles + ["chooses"] * (name in NUMPY_CHOOSES),
        "tags": listed(NUMPY_TAGS, name),
        **NUMPY_TIME.get(name, {}),
    }


def numpy() -> Facts:
    """Return the facts about numpy."""
    module = importlib.import_module("numpy")
    array = "numpy.ndarray"
    functions: Facts = {}

    def see(name: str, roles: list[str], parameters: str | None = None, returns: str | None = array) -> None:
        found = parameters or parameters_of(_walk(module, name))
        named = names_in(found)
        data = named[:2] if named[:2] == ["x1", "x2"] or name in ("dot", "matmul") else named[:1]
        functions[f"numpy.{name}"] = {"parameters": found, "data": data, "returns": returns} | _numpy_words(name, roles)

    for name in NUMPY_REDUCTIONS:
        several = name in (
            "linalg.eig",
            "linalg.eigh",
            "linalg.slogdet",
            "histogram2d",
            "histogramdd",
            "linalg.svd",
            "linalg.lstsq",
            "linalg.qr",
            "unique",
            "histogram",
        )
        see(name, ["reduces-rows"], _ufunc_free(module, name), None if several else array)
    for name in NUMPY_KEEPS:
        if name not in ("c_", "vectorize"):
            see(name, ["keeps-rows"], NUMPY_KEEPS_BY_HAND.get(name) or _ufunc_free(module, name))
    for name, parameters in NUMPY_MERGES.items():
        see(name, ["merges-rows"], parameters)
        functions[f"numpy.{name}"]["data"] = [
            part for part in names_in(parameters) if part in ("arrays", "tup", "arr", "values", "a", "A", "ar1", "ar2")
        ]
        functions[f"numpy.{name}"]["tags"] += ["beside"] * (name in BESIDE)
    for name in NUMPY_SELECTS:
        see(name, ["selects-rows"], _ufunc_free(module, name), None if "split" in name else array)
    functions["numpy.extract"]["data"] = functions["numpy.apply_along_axis"]["data"] = ["arr"]
    functions["numpy.compress"]["data"] = ["a"]
    functions["numpy.where"]["data"] = ["x", "y"]
    for name, parameters in NUMPY_MAKES.items():
        functions[f"numpy.{name}"] = {"roles": [], "parameters": parameters, "returns": array}
    for name, (roles, parameters, data, paths) in NUMPY_FILES.items():
        returns = array if roles == ["loads-data"] else None
        functions[f"numpy.{name}"] = {
            "roles": roles,
            "parameters": parameters,
            "data": data,
            "paths": paths,
            "returns": returns,
        }
    for name, parameters in NUMPY_LEGACY_DRAWS.items():
        drawn = functions[f"numpy.random.{name}"] = _draw(name, parameters)
        drawn["tags"] = ["global-state", *drawn["tags"]]
    functions["numpy.random.seed"] = {"roles": ["seeds"], "parameters": "seed=None", "seed": "seed"}
    functions["numpy.random.set_state"] = {"roles": ["seeds"], "parameters": "state", "seed": "state"}
    functions["numpy.random.get_state"] = {"parameters": "legacy=True"}
    functions["numpy.random.default_rng"] = {
        "roles": ["makes-generator"],
        "parameters": "seed=None",
        "returns": "numpy.random.Generator",
        "tags": ["generator"],
        "seed": "seed",
    }
    classes: Facts = {
        array: {
            "parameters": "shape, dtype=float, buffer=None, offset=0, strides=None, order=None",
            "tags": ["array"],
            "selection": array,
            "attributes": {"T": array, "flat": array, "real": array},
            "arithmetic": True,
            "methods": {
                name: {
                    **_numpy_words(name, [role]),
                    "parameters": ARRAY_PARAMETERS.get(name) or _method_parameters(module.ndarray, name),
                    "returns": "builtins.list"
                    if name == "tolist"
                    else None
                    if name in ("item", "fill", "sort")
                    else "self",
                }
                for role, names in ARRAY_METHODS.items()
                for name in names.split()
            }
            | {
                "tofile": {"roles": ["saves-data"], "parameters": "fid, sep='', format='%s'", "paths": ["fid"]},
                "dump": {"roles": ["saves-data"], "parameters": "file", "paths": ["file"]},
            },
        },
        "numpy.random.RandomState": {
            "roles": ["makes-generator"],
            "parameters": "seed=None",
            "tags": ["generator"],
            "seed": "seed",
            "methods": {name: _draw(name, parameters) for name, parameters in NUMPY_LEGACY_DRAWS.items()}
            | {"seed": {"roles": ["seeds"], "parameters": "seed=None", "seed": "seed"}},
        },
        "numpy.random.Generator": {
            "parameters": "bit_generator",
            "tags": ["generator"],
            "methods": {name: _draw(name, parameters) for name, parameters in NUMPY_GENERATOR_DRAWS.items()}
            | {"spawn": {"parameters": "n_children"}},
        },
        "numpy.random.SeedSequence": {
            "parameters": "entropy=None, *, spawn_key=(), pool_size=4",
            "tags": ["generator"],
            "roles": ["makes-generator"],
            "seed": "entropy",
            "methods": {"spawn": {"parameters": "n_children"}, "generate_state": {"parameters": "n_words, dtype=..."}},
        },
    }
    for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        classes[f"numpy.random.{name}"] = {
            "roles": ["makes-generator"],
            "parameters": "seed=None, counter=None, key=None" if name == "Philox" else "seed=None",
            "tags": ["generator"],
            "seed": "seed",
        }
    return {
        "source": f"numpy {module.__version__}",
        "library": "NumPy",
        "generator": "numpy",
        "modules": ["numpy"],
        "distributions": ["numpy"],
        "import-names": {"np": "numpy"},
        "aliases": {
            "numpy.random.mtrand": "numpy.random",
            "numpy.random._generator": "numpy.random",
            "numpy.lib.npyio": "numpy",
            "numpy.core": "numpy",
            "numpy.matrix": "numpy.ndarray",
            "numpy.random.mtrand.RandomState": "numpy.random.RandomState",
        },
        "functions": functions,
        "classes": classes,
        "distinctive": {"default_rng": "numpy.random.default_rng"},
    }


def _walk(module: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        module = getattr(module, part, None)
    return module


def _ufunc_free(module: Any, name: str) -> str | None:
    """Return the parameters of an elementwise function, which inspection shows as ``*args`` only."""
    function = _walk(module, name)
    inputs = getattr(function, "nin", None)
    if inputs is not None:
        return ", ".join(["x", "x1, x2"][inputs > 1].split(", ")) + ", out=None, *, where=True, **kwargs"
    if function is not None and parameters_of(function) is None:
        return {"dot": "a, b, out=None", "bincount": "x, minlength=0"}.get(name)
    return None


def _parameters_in(module: Any, name: str) -> str | None:
    return _ufunc_free(module, name) or parameters_of(getattr(module, name))


def _method_parameters(cls: type, name: str) -> str:
    parameters = parameters_of(getattr(cls, name, None), method=True)
    return "*args, **kwargs" if parameters is None else parameters


def _draw(name: str, parameters: str) -> Facts:
    roles = {"shuffle": ["shuffles"], "permutation": ["shuffles"], "permuted": ["shuffles"], "choice": ["samples"]}
    return {
        "roles": ["draws-random", *roles.get(name, [])],
        "parameters": parameters,
        "data": ["x"] if name in ("shuffle", "permutation", "permuted") else ["a"] if name == "choice" else [],
        "returns": None if name in ("shuffle", "bytes", "tomaxint") else "numpy.ndarray",
        "tags": ["in-place"] * (name == "shuffle"),
    }


#: Statistics that keep the rows.
SCIPY_BROADCASTS = words("zscore gzscore rankdata")
#: name -> (roles, data, tags, conditions of time); a smoothing filter looks to both sides, a causal one back.
SCIPY_FUNCTIONS: dict[str, tuple[list[str], list[str], list[str], Facts]] = {
    **dict.fromkeys(
        words("signal.savgol_filter signal.filtfilt signal.sosfiltfilt"), (["keeps-rows"], ["x"], [], AHEAD)
    ),
    **dict.fromkeys(words("signal.resample signal.decimate signal.hilbert"), (["keeps-rows"], ["x"], [], AHEAD)),
    "signal.medfilt": (["keeps-rows"], ["volume"], [], AHEAD),
    "signal.wiener": (["keeps-rows"], ["im"], [], AHEAD),
    "signal.detrend": (["keeps-rows"], ["data"], ["broadcasts"], AHEAD),
    **dict.fromkeys(
        words("signal.convolve signal.fftconvolve"),
        (["keeps-rows"], ["in1"], [], {"ahead-when": ["mode=same"], "behind-when": ["mode=same|full"]}),
    ),
    **dict.fromkeys(words("signal.lfilter signal.sosfilt"), (["keeps-rows"], ["x"], [], BEHIND)),
    **dict.fromkeys(
        words("ndimage.gaussian_filter1d ndimage.uniform_filter1d ndimage.convolve1d"),
        (["keeps-rows"], ["input"], [], AHEAD),
    ),
    "cluster.vq.whiten": (["fits-and-transforms"], ["obs"], ["learns-statistics"], {}),
    "cluster.vq.kmeans": (["reduces-rows"], ["obs"], [], {}),
    "cluster.vq.kmeans2": (["fits-and-transforms"], ["data"], ["learns-statistics", "clusterer"], {}),
    "cluster.vq.vq": (["keeps-rows"], ["obs", "code_book"], [], {}),
    "cluster.hierarchy.linkage": (["reduces-rows"], ["y"], [], {}),
    "cluster.hierarchy.fclusterdata": (["fits-and-transforms"], ["X"], ["learns-statistics", "clusterer"], {}),
    **dict.fromkeys(
        words("linalg.svd linalg.eigh linalg.eig linalg.norm linalg.pinv"), (["reduces-rows"], ["a"], [], {})
    ),
    "sparse.linalg.svds": (["reduces-rows"], ["A"], [], {}),
    "optimize.curve_fit": (["reduces-rows"], ["xdata", "ydata"], ["supervised"], {}),
    "spatial.distance.cdist": (["keeps-rows"], ["XA", "XB"], [], {}),
    "special.boxcox1p": (["keeps-rows"], ["x1"], [], {}),
    "special.expit": (["keeps-rows"], ["x"], [], {}),
    "special.logit": (["keeps-rows"], ["x"], [], {}),
    "special.softmax": (["keeps-rows"], ["x"], [], {}),
}


def scipy() -> Facts:
    """Return the facts about scipy: files, statistics, filters and random variates."""
    stats = importlib.import_module("scipy.stats")
    continuous = [
        name
        for name in sorted(dir(stats))
        if isinstance(getattr(stats, name), (stats.rv_continuous, stats.rv_discrete)) and not name.startswith("_")
    ]
    multivariate = words(
        "multivariate_normal dirichlet wishart invwishart multinomial special_ortho_group ortho_group random_correlation"
        " unitary_group multivariate_t uniform_direction matrix_normal"
    )
    functions: Facts = {
        f"scipy.stats.{name}.rvs": {
            "roles": ["draws-random"],
            "parameters": "*args, size=1, random_state=None, **kwds",
            "returns": "numpy.ndarray",
            "tags": ["global-state"],
            "seed": "random_state",
        }
        for name in [*continuous, *multivariate]
    }
    for name in words(
        "pearsonr spearmanr kendalltau ttest_ind ttest_rel ttest_1samp mannwhitneyu wilcoxon ks_2samp chi2_contingency"
        " f_oneway kruskal skew kurtosis mode entropy describe iqr sem trim_mean normaltest shapiro anderson linregress"
        " gmean hmean pmean moment variation tmean tstd tvar median_abs_deviation scoreatpercentile percentileofscore"
        " theilslopes siegelslopes bayes_mvs"
    ):
        parameters = parameters_of(getattr(stats, name))
        functions[f"scipy.stats.{name}"] = {
            "roles": ["reduces-rows"],
            "parameters": parameters,
            "data": [
                part
                for part in names_in(parameters)[:2]
                if part in ("a", "b", "x", "y", "pk", "observed", "data", "data1", "data2", "*samples")
            ],
        }
    for name in words("zscore gzscore boxcox yeojohnson rankdata zmap mstats.winsorize"):
        parameters = parameters_of(_walk(stats, name))
        functions[f"scipy.stats.{name}"] = {
            "roles": ["fits-and-transforms"],
            "parameters": parameters,
            "data": names_in(parameters)[: 2 if name == "zmap" else 1],
            "tags": ["learns-statistics", *(["broadcasts"] if name in SCIPY_BROADCASTS else [])],
            **({"told-by": ["lmbda"]} if "lmbda" in names_in(parameters) else {}),
        }
    for name, (roles, data, tags, time) in SCIPY_FUNCTIONS.items():
        parent, _, last = f"scipy.{name}".rpartition(".")
        functions[f"scipy.{name}"] = {
            "roles": roles,
            "parameters": _parameters_in(importlib.import_module(parent), last),
            "data": data,
            "tags": tags,
            **time,
        }
    for name in ("bootstrap", "permutation_test"):
        functions[f"scipy.stats.{name}"] = {
            "roles": ["draws-random", "reduces-rows"],
            "parameters": parameters_of(getattr(stats, name)),
            "data": ["data"],
            "seed": "rng",
        }
    files = {
        "scipy.io.loadmat": (["loads-data"], "file_name", []),
        "scipy.io.savemat": (["saves-data"], "file_name", ["mdict"]),
        "scipy.io.mmread": (["loads-data"], "source", []),
        "scipy.io.mmwrite": (["saves-data"], "target", ["a"]),
        "scipy.io.arff.loadarff": (["loads-data"], "f", []),
        "scipy.io.wavfile.read": (["loads-data"], "filename", []),
        "scipy.io.wavfile.write": (["saves-data"], "filename", ["data"]),
        "scipy.io.netcdf_file": (["loads-data"], "filename", []),
        "scipy.sparse.load_npz": (["loads-data"], "file", []),
        "scipy.sparse.save_npz": (["saves-data"], "file", ["matrix"]),
    }
    for name, (roles, path, data) in files.items():
        parent, _, last = name.rpartition(".")
        functions[name] = {
            "roles": roles,
            "parameters": parameters_of(getattr(importlib.import_module(parent), last)),
            "data": data,
            "paths": [path],
        }
    for name in ("vstack", "hstack", "bmat"):
        parameters = parameters_of(getattr(importlib.import_module("scipy.sparse"), name))
        functions[f"scipy.sparse.{name}"] = {
            "roles": ["merges-rows"],
            "parameters": parameters,
            "data": names_in(parameters)[:1],
            "tags": ["beside"] * (name in BESIDE),
        }
    functions["scipy.sparse.random"] = {
        "roles": ["draws-random"],
        "parameters": "m, n, density=0.01, format='coo', dtype=None, rng=None, data_rvs=None, *, random_state=None",
        "tags": ["global-state"],
        "seed": "rng",
    }
    for name in ("differential_evolution", "dual_annealing", "basinhopping"):
        parameters = parameters_of(getattr(importlib.import_module("scipy.optimize"), name)) or ""
        functions[f"scipy.optimize.{name}"] = {
            "roles": ["draws-random"],
            "parameters": parameters if "rng" in names_in(parameters) else f"{parameters}, rng=None",
            "seed": "rng",
        }
    version = importlib.import_module("scipy").__version__
    return {
        "source": f"scipy {version}",
        "library": "SciPy",
        "generator": "numpy",
        "modules": ["scipy"],
        "distributions": ["scipy"],
        "import-names": {"stats": "scipy.stats"},
        "functions": functions,
    }


# pandas

FRAME_METHODS: dict[str, str] = {
    "keeps-rows": "abs add add_prefix add_suffix apply applymap assign astype bfill clip convert_dtypes copy cumsum cumprod"
    " cummax cummin diff div divide eq ewm expanding explode ffill fillna ge gt infer_objects insert interpolate isin isna"
    " isnull join le lt map mask melt mul multiply ne notna notnull pct_change pipe pop pow rank reindex rename rename_axis"
    " replace reset_index rolling round select_dtypes set_axis set_index shift sort_index sort_values sub subtract to_dict"
    " to_numpy transform transpose truediv where iterrows itertuples items stack unstack between to_list tolist to_frame"
    " squeeze pivot backfill pad duplicated asfreq tz_localize tz_convert to_period argsort asof get swaplevel"
    " droplevel truediv floordiv mod radd rsub rmul rdiv",
    "reduces-rows": "agg aggregate all any autocorr corr corrwith count cov describe idxmax idxmin kurt kurtosis max mean"
    " median min mode nunique prod product quantile sem skew std sum unique value_counts var pivot_table argmax argmin mad"
    " info memory_usage",
    "selects-rows": "drop drop_duplicates dropna filter head query tail take truncate xs first last between_time at_time nlargest"
    " nsmallest",
    "merges-rows": "append merge combine combine_first update compare align",
}
#: What methods of frames and series do beside.
FRAME_ROLES: dict[str, list[str]] = {
    "orders-rows": words("sort_values sort_index set_index"),
    "drops-columns": ["drop"],
    "takes-column": ["pop"],
    "assigns-columns": ["assign"],
    "selects-columns": ["select_dtypes"],
    "renames-columns": ["rename"],
}
#: Tags of methods of frames, series and groups. What only counts or lists learns no statistic worth the name.
FRAME_TAGS: dict[str, list[str]] = {
    "counts": words("all any count cumcount describe info memory_usage ngroup nunique size unique value_counts"),
    "missing-mask": words("isna isnull notna notnull"),
    "windows-rows": words("rolling expanding ewm"),
    "shifts": words("shift diff pct_change"),
    "differences": words("diff pct_change"),
    "fills-gaps": words("bfill backfill ffill pad fillna interpolate"),
    "membership-mask": ["isin"],
    "one-by-one": words("map applymap"),
    "beside": BESIDE,
}
#: Statistics that are given back to every row.
FRAME_BROADCASTS = words("rank")
GROUPED_BROADCASTS = words("rank transform")
#: What picks the best of several numbers.
FRAME_CHOOSES = words("argmax argmin argsort idxmax idxmin max min nlargest nsmallest sort_values")
_EITHER_WAY: Facts = {"ahead-when": ["periods<0"], "behind-when": ["periods>0"]}
_DATES_PARSED: Facts = {"ordered-when": ["parse_dates!=None|False"]}
PANDAS_TIME: dict[str, Facts] = {
    **dict.fromkeys(words("shift diff pct_change"), _EITHER_WAY),
    **dict.fromkeys(words("bfill backfill"), AHEAD),
    **dict.fromkeys(words("ffill pad cumcount cumsum cumprod cummax cummin expanding ewm"), BEHIND),
    **dict.fromkeys(words("resample asfreq tz_localize tz_convert between_time at_time to_period date_range"), ORDERED),
    **dict.fromkeys(words("bdate_range period_range timedelta_range"), ORDERED),
    "fillna": {"ahead-when": ["method=bfill|backfill"], "behind-when": ["method=ffill|pad"]},
    "interpolate": {"ahead-when": ["limit_direction=both|backward"]} | BEHIND,
    "rolling": {"ahead-when": ["center=True"]} | BEHIND,
    "merge_asof": {"ahead-when": ["direction=forward|nearest"], "behind-when": ["direction=backward|nearest"]},
    **dict.fromkeys(words("read_csv read_table read_excel"), _DATES_PARSED),
}
FRAME_RETURNS_OTHER = {
    "to_numpy": "numpy.ndarray",
    "to_dict": "builtins.dict",
    "to_list": "builtins.list",
    "tolist": "builtins.list",
    "unique": "numpy.ndarray",
    "value_counts": "pandas.Series",
    "to_frame": "pandas.DataFrame",
    "reset_index": "self",
    "pop": "pandas.Series",
    "corr": "self",
    "cov": "self",
    "describe": "self",
    "pivot_table": "pandas.DataFrame",
    "pivot": "pandas.DataFrame",
    "mode": "self",
    "nlargest": "self",
    "nsmallest": "self",
}
FRAME_NO_CLASS = frozenset(
    words(
        "hist pipe rolling expanding ewm resample agg aggregate squeeze info iterrows itertuples items insert update stack"
        " unstack apply xs idxmax idxmin argmax argmin nunique all any count max mean median min prod quantile sem skew std"
        " sum var kurt kurtosis autocorr corrwith compare loc get"
    )
)
FRAME_REDUCES_TO_SERIES = frozenset(
    words(
        "count max mean median min nunique prod quantile sem skew std sum var kurt kurtosis corrwith idxmax idxmin all any"
    )
)
#: What pandas had once, or with more parameters.
FRAME_GONE = {
    "append": "other, ignore_index=False, verify_integrity=False, sort=False",
    "backfill": "axis=None, inplace=False, limit=None, downcast=None",
    "pad": "axis=None, inplace=False, limit=None, downcast=None",
    "mad": "axis=0, skipna=True, level=None",
    "fillna": "value=None, method=None, axis=None, inplace=False, limit=None, downcast=None",
    "pct_change": "periods=1, fill_method=None, limit=None, freq=None, **kwargs",
    "applymap": "func, na_action=None, **kwargs",
    "first": "offset",
    "last": "offset",
}
GROUPED_METHODS: dict[str, str] = {
    "keeps-rows": "backfill bfill cumcount cummax cummin cumprod cumsum diff ewm expanding ffill fillna ngroup pad pct_change"
    " rank resample rolling shift transform",
    "reduces-rows": "agg aggregate all any apply count cov corr describe first idxmax idxmin last max mean median min"
    " nunique ohlc prod quantile sem size skew std sum value_counts var",
    "selects-rows": "filter get_group head nth tail",
}
WINDOWS = {"rolling": "Rolling", "expanding": "Expanding", "ewm": "ExponentialMovingWindow"}
READERS = words(
    "read_csv read_table read_fwf read_excel read_json read_html read_xml read_parquet read_feather read_orc read_hdf"
    " read_pickle read_sas read_spss read_stata read_sql read_sql_query read_sql_table read_clipboard"
)
READER_PATHS = frozenset(words("filepath_or_buffer io path path_or_buf path_or_buffer filepath"))
WRITERS = words(
    "to_csv to_excel to_feather to_hdf to_html to_json to_latex to_markdown to_orc to_parquet to_pickle to_sql to_stata"
    " to_string to_xml to_gbq"
)
WRITER_PATHS = frozenset(words("path_or_buf excel_writer path buf path_or_buffer"))


def pandas() -> Facts:
    """Return the facts about pandas."""
    module = importlib.import_module("pandas")
    frame, series = "pandas.DataFrame", "pandas.Series"
    functions: Facts = {}
    for name in READERS:
        parameters = parameters_of(getattr(module, name))
        functions[f"pandas.{name}"] = {
            "roles": ["loads-data"],
            "parameters": parameters,
            "paths": [part for part in names_in(parameters) if part in READER_PATHS],
            "returns": "builtins.list" if name == "read_html" else frame,
            **PANDAS_TIME.get(name, {}),
        }
    functions["pandas.read_gbq"] = {
        "roles": ["loads-data"],
        "parameters": "query, project_id=None, index_col=None, **kwargs",
        "returns": frame,
    }
    table = {
        "concat": (["merges-rows"], ["objs"], frame, []),
        "merge": (["merges-rows"], ["left", "right"], frame, ["beside"]),
        "merge_asof": (["merges-rows"], ["left", "right"], frame, ["beside"]),
        "merge_ordered": (["merges-rows"], ["left", "right"], frame, ["beside"]),
        "get_dummies": (["fits-and-transforms"], ["data"], frame, ["learns-vocabulary"]),
        "from_dummies": (["keeps-rows"], ["data"], frame, []),
        "factorize": (["fits-and-transforms"], ["values"], None, ["learns-vocabulary"]),
        "cut": (["keeps-rows"], ["x"], series, ["learns-edges"]),
        "qcut": (["fits-and-transforms"], ["x"], series, ["learns-statistics", "learns-edges"]),
        "to_datetime": (["keeps-rows"], ["arg"], None, []),
        "to_numeric": (["keeps-rows"], ["arg"], None, []),
        "to_timedelta": (["keeps-rows"], ["arg"], None, []),
        "isna": (["keeps-rows"], ["obj"], None, ["missing-mask"]),
        "isnull": (["keeps-rows"], ["obj"], None, ["missing-mask"]),
        "notna": (["keeps-rows"], ["obj"], None, ["missing-mask"]),
        "notnull": (["keeps-rows"], ["obj"], None, ["missing-mask"]),
        "unique": (["reduces-rows"], ["values"], "numpy.ndarray", ["counts"]),
        "crosstab": (["reduces-rows"], ["index", "columns"], frame, ["counts"]),
        "pivot_table": (["reduces-rows"], ["data"], frame, []),
        "pivot": (["keeps-rows"], ["data"], frame, []),
        "melt": (["keeps-rows"], ["frame"], frame, []),
        "json_normalize": (["keeps-rows"], ["data"], frame, []),
        "date_range": ([], [], "pandas.Index", []),
        "bdate_range": ([], [], "pandas.Index", []),
        "period_range": ([], [], "pandas.Index", []),
        "timedelta_range": ([], [], "pandas.Index", []),
        "wide_to_long": (["keeps-rows"], ["df"], frame, []),
    }
    for name, (roles, data, returns, tags) in table.items():
        functions[f"pandas.{name}"] = {
            "roles": roles,
            "parameters": parameters_of(getattr(module, name)),
            "data": data,
            "returns": returns,
            "tags": tags,
            **PANDAS_TIME.get(name, {}),
        }
    functions["pandas.value_counts"] = {
        "tags": ["counts"],
        "roles": ["reduces-rows"],
        "parameters": "values, sort=True, ascending=False, normalize=False, bins=None, dropna=True",
        "data": ["values"],
        "returns": series,
    }
    classes: Facts = {
        frame: {
            "parameters": parameters_of(module.DataFrame),
            "data": ["data"],
            "tags": ["dataframe"],
            "item": series,
            "selection": frame,
            "attributes": {
                "loc": "pandas.Indexer",
                "iloc": "pandas.Indexer",
                "values": "numpy.ndarray",
                "T": frame,
                "index": "pandas.Index",
                "columns": "pandas.Index",
            },
            "arithmetic": True,
            "methods": _pandas_methods(module.DataFrame, frame),
        },
        series: {
            "parameters": parameters_of(module.Series),
            "data": ["data"],
            "tags": ["series"],
            "selection": series,
            "attributes": {
                "loc": "pandas.SeriesIndexer",
                "iloc": "pandas.SeriesIndexer",
                "values": "numpy.ndarray",
                "index": "pandas.Index",
                "str": "pandas.SeriesAccessor",
                "dt": "pandas.SeriesAccessor",
                "cat": "pandas.SeriesAccessor",
            },
            "arithmetic": True,
            "methods": _pandas_methods(module.Series, series),
        },
        "pandas.Index": {
            "parameters": parameters_of(module.Index),
            "data": ["data"],
            "tags": ["array"],
            "selection": "pandas.Index",
            "attributes": {"values": "numpy.ndarray"},
            "methods": {
                "tolist": {"roles": ["keeps-rows"], "parameters": "", "returns": "builtins.list"},
                "to_list": {"roles": ["keeps-rows"], "parameters": "", "returns": "builtins.list"},
                "isin": {
                    "roles": ["keeps-rows"],
                    "parameters": "values, level=None",
                    "returns": "numpy.ndarray",
                    "tags": ["membership-mask"],
                },
                "difference": {"roles": ["selects-rows"], "parameters": "other, sort=None", "returns": "self"},
            },
        },
        # The things between brackets: frame.loc[...] and series.str.f().
        "pandas.Indexer": {"selection": frame},
        "pandas.SeriesIndexer": {"selection": series},
        "pandas.SeriesAccessor": {
            "selection": series,
            "methods": {
                name: {"roles": ["keeps-rows"], "returns": series}
                for name in words(
                    "cat contains count day_name endswith extract find findall get isdigit len lower lstrip match month_name"
                    " normalize pad replace rstrip slice split startswith strip strftime title upper zfill total_seconds"
                )
            },
        },
        "pandas.ExcelFile": {
            "roles": ["loads-data"],
            "parameters": parameters_of(module.ExcelFile),
            "paths": ["path_or_buffer"],
            "methods": {"parse": {"roles": ["loads-data"], "parameters": "sheet_name=0, **kwds", "returns": frame}},
        },
        "pandas.ExcelWriter": {"roles": ["saves-data"], "parameters": "path, engine=None, **kwargs", "paths": ["path"]},
        "pandas.HDFStore": {"roles": ["loads-data"], "parameters": "path, mode='a', **kwargs", "paths": ["path"]},
        "pandas.Categorical": {
            "roles": ["fits-and-transforms"],
            "parameters": "values, categories=None, ordered=None, dtype=None, copy=True",
            "data": ["values"],
            "tags": ["learns-vocabulary"],
            "stateless-when": ["categories!=None"],
        },
        "pandas.Timestamp": {
            "parameters": "ts_input=None, *args, **kwargs",
            "methods": {
                "now": {"parameters": "tz=None", "returns": "self", "tags": ["clock"]},
                "today": {"parameters": "tz=None", "returns": "self", "tags": ["clock"]},
                "utcnow": {"parameters": "", "returns": "self", "tags": ["clock"]},
            },
        },
    }
    for kind, cls, result in (
        ("DataFrameGroupBy", "DataFrameGroupBy", frame),
        ("SeriesGroupBy", "SeriesGroupBy", series),
    ):
        grouped = getattr(importlib.import_module("pandas.core.groupby.generic"), cls)
        methods = {
            name: _grouped_method(grouped, name, role, result)
            for role, names in GROUPED_METHODS.items()
            for name in names.split()
            if getattr(grouped, name, None) is not None or name in FRAME_GONE
        }
        methods["sample"] = _frame_sample(grouped, result)
        resampler = "pandas.Resampler" if result == frame else "pandas.SeriesResampler"
        methods["resample"]["returns"] = resampler
        classes[f"pandas.{kind}"] = {
            "item": "pandas.SeriesGroupBy",
            "selection": f"pandas.{kind}",
            "tags": ["groups"],
            "methods": methods,
        }
        # Groups of time: what keeps the rows of a resampled frame works across them.
        owner = importlib.import_module("pandas.api.typing").Resampler
        classes[resampler] = {
            "bases": [f"pandas.{kind}"],
            "item": "pandas.SeriesResampler",
            "selection": resampler,
            "methods": {
                name: _pandas_words(name, "keeps-rows")
                | {"parameters": _method_parameters(owner, name), "returns": result}
                for name in words("asfreq bfill ffill interpolate nearest")
            },
        }
    for kind in WINDOWS.values():
        owner = getattr(importlib.import_module("pandas.api.typing"), kind)
        classes[f"pandas.{kind}"] = {
            "selection": f"pandas.{kind}",
            "methods": {
                name: {"roles": ["keeps-rows"], "parameters": _method_parameters(owner, name)}
                for name in words(
                    "agg aggregate apply corr count cov kurt max mean median min quantile rank sem skew std sum var"
                )
                if getattr(owner, name, None) is not None
            },
        }
    return {
        "source": f"pandas {module.__version__}",
        "library": "pandas",
        "generator": "numpy",
        "modules": ["pandas", "modin.pandas", "fireducks.pandas"],
        "distributions": ["pandas"],
        "import-names": {"pd": "pandas"},
        "aliases": {
            "pandas.core.frame.DataFrame": frame,
            "pandas.core.series.Series": series,
            "pandas.io.json.json_normalize": "pandas.json_normalize",
            "pandas.io.parsers.read_csv": "pandas.read_csv",
            "pandas.core.groupby.DataFrameGroupBy": "pandas.DataFrameGroupBy",
            "pandas.core.groupby.SeriesGroupBy": "pandas.SeriesGroupBy",
            "pandas.core.reshape.concat.concat": "pandas.concat",
            "pandas.api.typing": "pandas",
            "pandas.DatetimeIndex": "pandas.Index",
            "pandas.RangeIndex": "pandas.Index",
            "pandas.MultiIndex": "pandas.Index",
            "modin.pandas": "pandas",
            "fireducks.pandas": "pandas",
        },
        "functions": functions,
        "classes": classes,
        "distinctive": {
            name: f"pandas.{name}" for name in ("read_csv", "read_excel", "read_parquet", "get_dummies", "DataFrame")
        },
    }


def _pandas_methods(cls: type, qualified: str) -> Facts:
    is_frame = qualified.endswith("DataFrame")
    methods: Facts = {}
    for role, names in FRAME_METHODS.items():
        for name in names.split():
            if name in FRAME_GONE:
                parameters: str | None = FRAME_GONE[name]
            elif not callable(getattr(cls, name, None)):
                continue
            else:
                parameters = _method_parameters(cls, name)
            returns = FRAME_RETURNS_OTHER.get(name, None if name in FRAME_NO_CLASS else "self")
            if not is_frame and name in ("corr", "cov"):
                returns = None
            if is_frame and name in FRAME_REDUCES_TO_SERIES:
                returns = "pandas.Series"
            does = "merges-rows" if name == "join" else "keeps-rows" if is_frame and name == "filter" else role
            methods[name] = {
                **_pandas_words(name, does, FRAME_BROADCASTS),
                "parameters": parameters,
                "data": [part for part in names_in(parameters) if does == "merges-rows" and part in ("other", "right")],
                "returns": returns,
            }
    if is_frame:
        methods["pipe"]["returns"] = None
        methods["filter"]["roles"].append("selects-columns")
        methods["melt"]["returns"] = "self"
        for name, roles in (("from_dict", ["keeps-rows"]), ("from_records", ["keeps-rows"])):
            methods[name] = {
                "roles": roles,
                "parameters": _method_parameters(cls, name),
                "data": ["data"],
                "returns": "self",
            }
        methods["from_csv"] = {
            "roles": ["loads-data"],
            "parameters": "path, **kwargs",
            "paths": ["path"],
            "returns": "self",
        }
        methods["eval"] = {"roles": ["keeps-rows"], "parameters": _method_parameters(cls, "eval")}
    else:
        methods["factorize"] = {
            "roles": ["fits-and-transforms"],
            "parameters": _method_parameters(cls, "factorize"),
            "tags": ["learns-vocabulary"],
        }
    for name, window in WINDOWS.items():
        methods[name]["returns"] = f"pandas.{window}"
    kinds = ("DataFrameGroupBy", "Resampler") if is_frame else ("SeriesGroupBy", "SeriesResampler")
    for name, kind in zip(("groupby", "resample"), kinds, strict=True):
        methods[name] = {
            **_pandas_words(name, "keeps-rows"),
            "tags": ["groups-rows"],
            "parameters": _method_parameters(cls, name),
            "returns": f"pandas.{kind}",
        }
    for name in WRITERS:
        if getattr(cls, name, None) is not None:
            parameters = _method_parameters(cls, name)
            paths = [part for part in names_in(parameters) if part in WRITER_PATHS]
            methods[name] = {"roles": ["saves-data"], "parameters": parameters, "paths": paths}
    methods["sample"] = _frame_sample(cls, "self")
    return methods


def _pandas_words(name: str, role: str, broadcasts: Iterable[str] = ()) -> Facts:
    """Return the roles, tags and conditions of time that methods of a name share."""
    spread = name in broadcasts
    return {
        "roles": ["reduces-rows"] * spread + [role] + ["chooses"] * (name in FRAME_CHOOSES) + listed(FRAME_ROLES, name),
        "tags": listed(FRAME_TAGS, name) + ["broadcasts"] * spread,
        **PANDAS_TIME.get(name, {}),
    }


def _grouped_method(grouped: type, name: str, role: str, result: str) -> Facts:
    gone = getattr(grouped, name, None) is None
    fact = {
        **_pandas_words(name, role, GROUPED_BROADCASTS),
        "parameters": FRAME_GONE[name] if gone else _method_parameters(grouped, name),
        "returns": f"pandas.{WINDOWS[name]}" if name in WINDOWS else result,
    }
    fact["tags"] += ["per-group"] * (role == "keeps-rows")
    return fact


def _frame_sample(cls: type, returns: str) -> Facts:
    return {
        "roles": ["samples", "draws-random"],
        "parameters": _method_parameters(cls, "sample"),
        "returns": returns,
        "tags": ["global-state"],
        "seed": "random_state",
    }


GENERATORS: dict[str, Callable[[], Facts]] = {
    "sklearn": sklearn,
    "imblearn": imblearn,
    "category_encoders": category_encoders,
    "feature_engine": feature_engine,
    "numpy": numpy,
    "scipy": scipy,
    "pandas": pandas,
}

if __name__ == "__main__":
    main(sys.argv[1:])
