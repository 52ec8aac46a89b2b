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
    for key in ("modules", "distributions", "import-names"):
        if facts.get(key):
            lines.append(f"{key} = {_toml(facts[key])}")
    for key in ("aliases", "functions"):
        if facts.get(key):
            lines += ["", f"[{key}]", *(f"{_toml(k)} = {_toml(v)}" for k, v in sorted(facts[key].items()))]
    for name, fact in sorted(facts.get("classes", {}).items()):
        lines += ["", f"[classes.{_toml(name)}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in fact.items() if key != "methods" and value not in ([], None)]
        lines += [f"methods.{method} = {_toml(value)}" for method, value in sorted(fact.get("methods", {}).items())]
    if facts.get("distinctive"):
        lines += ["", "[distinctive]", *(f"{_key(k)} = {_toml(v)}" for k, v in sorted(facts["distinctive"].items()))]
    return "\n".join(lines) + "\n"


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


def parameters_of(function: Callable[..., Any], *, method: bool = False) -> str | None:
    """Return the parameter list of a callable as knowledge files write it, or None if it cannot be seen."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if method and found and found[0].name in ("self", "cls"):
        found = found[1:]
    parts: list[str] = []
    starred = False
    for parameter in found:
        if parameter.kind is parameter.VAR_POSITIONAL:
            starred = True
            parts.append(f"*{parameter.name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            parts.append(f"**{parameter.name}")
        else:
            if parameter.kind is parameter.KEYWORD_ONLY and not starred:
                starred = True
                parts.append("*")
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


# scikit-learn and what follows its protocol

METHOD_ROLES: dict[str, list[str]] = {
    "fit": ["fits"],
    "partial_fit": ["fits"],
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
        "X y Y Xt raw_documents y_true y_pred y_score y_prob y_proba y_type labels_true labels_pred labels"
        " pred_decision probas_pred a b *arrays"
    )
)


def data_in(parameters: str | None) -> list[str]:
    """Return the parameters that carry rows."""
    names = names_in(parameters)
    return [name for name in names if name in DATA_NAMES and (name != "labels" or "X" in names)]


def method_fact(cls: type, name: str) -> Facts | None:
    """Return the fact of a method of the estimator protocol, or None if the class lacks it."""
    if name == "fit_sample" or getattr(cls, name, None) is None:
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
        [],
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
OPTICS SpectralClustering SpectralBiclustering SpectralCoclustering
"""
SKLEARN_TAGS: dict[str, list[str]] = {
    "learns-statistics": words(_STATISTICS),
    "learns-vocabulary": words(
        "OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer MultiLabelBinarizer DictVectorizer MissingIndicator"
        " CountVectorizer TfidfVectorizer"
    ),
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
    "search": words("GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV"),
    "time-aware": words("TimeSeriesSplit"),
    "group-aware": words("GroupKFold StratifiedGroupKFold GroupShuffleSplit LeaveOneGroupOut LeavePGroupsOut"),
}
#: When the seed matters, where it does not always; None: it never does at sensible settings, or only beside it.
SKLEARN_SEED_WHEN: dict[str, list[str] | None] = {
    "AdaBoostClassifier": None,
    "ClassifierChain": ["order=random"],
    "RegressorChain": ["order=random"],
    "DummyClassifier": ["strategy=stratified|uniform"],
    **dict.fromkeys(
        words("Lasso LassoCV ElasticNet ElasticNetCV MultiTaskLasso MultiTaskLassoCV MultiTaskElasticNet MultiTaskElasticNetCV"),
        ["selection=random"],
    ),
    "GaussianProcessClassifier": ["n_restarts_optimizer!=0"],
    "GaussianProcessRegressor": ["n_restarts_optimizer!=0"],
    "HistGradientBoostingClassifier": ["early_stopping=True"],
    "HistGradientBoostingRegressor": ["early_stopping=True"],
    "IterativeImputer": ["sample_posterior=True", "imputation_order=random", "n_nearest_features!=None"],
    "KBinsDiscretizer": None,
    "KernelPCA": ["eigen_solver=arpack|randomized"],
    "Lars": ["jitter!=None"],
    "LassoLars": ["jitter!=None"],
    "LinearSVC": ["dual=True", "loss=hinge"],
    "LocallyLinearEmbedding": ["eigen_solver=arpack"],
    "LogisticRegression": ["solver=sag|saga|liblinear"],
    "LogisticRegressionCV": ["solver=sag|saga|liblinear"],
    "NeighborhoodComponentsAnalysis": ["init=random"],
    "NuSVC": ["probability=True"],
    "SVC": ["probability=True"],
    "PCA": ["svd_solver=randomized|arpack"],
    "PatchExtractor": ["max_patches!=None"],
    "QuantileTransformer": None,
    "Ridge": ["solver=sag|saga"],
    "RidgeClassifier": ["solver=sag|saga"],
    "TargetEncoder": None,
    "TunedThresholdClassifierCV": None,
    **dict.fromkeys(words("KFold StratifiedKFold GroupKFold StratifiedGroupKFold"), ["shuffle=True"]),
    **dict.fromkeys(words("fetch_covtype fetch_kddcup99 fetch_rcv1 learning_curve train_test_split"), ["shuffle=True"]),
    "ridge_regression": ["solver=sag|saga"],
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
            "model_selection.cross_val_score model_selection.cross_validate model_selection.cross_val_predict"
            " model_selection.learning_curve model_selection.validation_curve model_selection.permutation_test_score"
        ),
        (["cross-validates"], []),
    ),
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
            "cluster.k_means cluster.dbscan cluster.affinity_propagation cluster.mean_shift cluster.spectral_clustering"
            " cluster.ward_tree cluster.linkage_tree decomposition.fastica decomposition.dict_learning"
            " decomposition.dict_learning_online decomposition.non_negative_factorization manifold.smacof"
            " manifold.spectral_embedding manifold.locally_linear_embedding manifold.trustworthiness"
            " linear_model.ridge_regression linear_model.lasso_path linear_model.enet_path linear_model.lars_path"
            " covariance.empirical_covariance covariance.fast_mcd covariance.graphical_lasso covariance.ledoit_wolf"
            " covariance.oas covariance.shrunk_covariance isotonic.isotonic_regression svm.l1_min_c"
            " cluster.estimate_bandwidth cluster.kmeans_plusplus cluster.cluster_optics_dbscan cluster.cluster_optics_xi"
            " cluster.compute_optics_graph utils.extmath.randomized_svd utils.extmath.randomized_range_finder"
        ),
        (["reduces-rows"], []),
    ),
    "utils.shuffle": (["shuffles", "draws-random", "keeps-rows"], []),
    "utils.resample": (["samples", "draws-random"], []),
    "utils.random.sample_without_replacement": (["draws-random"], []),
    "utils.class_weight.compute_class_weight": (["reduces-rows"], []),
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
    "metrics.auc": (["scores"], []),
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
    "sklearn.preprocessing.imputation.Imputer": "sklearn.impute.SimpleImputer",
    "sklearn.covariance.GraphLasso": "sklearn.covariance.GraphicalLasso",
    "sklearn.covariance.GraphLassoCV": "sklearn.covariance.GraphicalLassoCV",
    "sklearn.neighbors.LSHForest": "sklearn.neighbors.NearestNeighbors",
    "sklearn.metrics.jaccard_similarity_score": "sklearn.metrics.jaccard_score",
    "sklearn.metrics.scorer.SCORERS": "sklearn.metrics.get_scorer_names",
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
    classes, functions, private = {}, {}, {}
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
        if name.startswith("sklearn.metrics.") and "sklearn.metrics.cluster." + name.rpartition(".")[2] in functions
        and name.count(".") == 2
    }
    functions = {name: fact for name, fact in functions.items() if name not in aliases}
    return {
        "source": f"scikit-learn {importlib.import_module('sklearn').__version__}",
        "library": "scikit-learn",
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
    return protocol_class(cls, name, bases, SKLEARN_TAGS, SKLEARN_SEED_WHEN, _base_methods_of(bases))


def _base_methods_of(bases: Iterable[str]) -> Facts:
    """Return the methods that a class gets from its declared bases, nearest first."""
    found: Facts = {}
    for base in bases:
        parents, _, methods = SKLEARN_BASES[base]
        for name, fact in (_base_methods_of(parents) | _base_methods(methods)).items():
            found.setdefault(name, fact)
    return found


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
        "tags": [tag for tag, members in tags.items() if name in members],
        "seed": "random_state" if seeded else None,
        "seed-when": seed_when.get(name) if seeded else None,
        "methods": methods,
    }


def sklearn_function(function: Callable[..., Any], short: str, name: str) -> Facts | None:
    """Return the facts of one function, or None if no rule could want it."""
    parameters = parameters_of(function)
    roles, tags = SKLEARN_FUNCTION_ROLES.get(f"{short}.{name}", (None, []))
    if roles is None:
        if short == "datasets":
            kind = name.partition("_")[0]
            kinds = {"fetch": ["loads-data", "downloads"], "load": ["loads-data"], "make": ["loads-data", "draws-random"]}
            if kind not in kinds:
                return None
            roles = kinds[kind]
        elif short in ("metrics", "metrics.cluster") and ({"y_true", "labels_true", "labels"} & set(names_in(parameters))):
            roles = ["scores"]
        else:
            return None
    seeded = has_seed(parameters) and SKLEARN_SEED_WHEN.get(name, []) is not None
    return {
        "roles": roles,
        "parameters": parameters,
        "data": data_in(parameters) if short != "datasets" or name.startswith("dump") else [],
        "paths": [parameter for parameter in names_in(parameters) if parameter in SKLEARN_PATHS],
        "returns": SKLEARN_RETURNS.get(f"{short}.{name}"),
        "tags": tags,
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
}


def imblearn() -> Facts:
    """Return the facts about imbalanced-learn."""
    sampler = "imblearn.base.SamplerMixin"
    resample = {"roles": ["resamples"], "parameters": "X, y, **params", "data": ["X", "y"]}
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
                elif short == "ensemble":
                    known = ["sklearn.base.ClassifierMixin", "sklearn.base.BaseEstimator"]
                    classes[qualified] = protocol_class(
                        thing, name, known, IMBLEARN_TAGS, {}, _base_methods_of(known)
                    )
            elif short == "metrics" and callable(thing):
                parameters = parameters_of(thing)
                functions[qualified] = {"roles": ["scores"], "parameters": parameters, "data": data_in(parameters)}
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
        "roles": ["resamples", "draws-random"],
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
    **dict.fromkeys(words("CatBoostEncoder LeaveOneOutEncoder"), ["sigma!=None"]),
    **dict.fromkeys(words("GLMMEncoder JamesSteinEncoder MEstimateEncoder WOEEncoder"), ["randomized=True"]),
}


def category_encoders() -> Facts:
    """Return the facts about category_encoders."""
    module = importlib.import_module("category_encoders")
    bases = ["sklearn.base.TransformerMixin", "sklearn.base.BaseEstimator"]
    classes, aliases = {}, {}
    for name in sorted(dir(module)):
        thing = getattr(module, name)
        if inspect.isclass(thing) and name.endswith("Encoder"):
            fact = protocol_class(thing, name, bases, ENCODER_TAGS, ENCODER_SEED_WHEN, _base_methods_of(bases))
            fact["methods"].pop("get_n_splits", None)
            classes[f"category_encoders.{name}"] = fact
            aliases[thing.__module__] = "category_encoders"
    return {
        "source": f"category_encoders {module.__version__}",
        "library": "category_encoders",
        "modules": ["category_encoders"],
        "distributions": ["category-encoders"],
        "import-names": {"ce": "category_encoders"},
        "aliases": aliases,
        "classes": classes,
    }


FEATURE_ENGINE_MODULES = words(
    "creation datetime discretisation encoding imputation outliers preprocessing scaling selection text transformation"
    " wrappers"
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
    "learns-vocabulary": words("OneHotEncoder OrdinalEncoder StringSimilarityEncoder AddMissingIndicator MatchCategories"),
    "supervised": _FEATURE_SUPERVISED,
    "selects-features": _FEATURE_SELECTORS,
    "stateless": words(
        "ArbitraryNumberImputer ArbitraryDiscretiser ArbitraryOutlierCapper LogTransformer LogCpTransformer"
        " ReciprocalTransformer ArcsinTransformer ArcSinhTransformer PowerTransformer CyclicalFeatures DatetimeFeatures"
        " DatetimeSubtraction DatetimeOrdinal MathFeatures RelativeFeatures DropFeatures TextFeatures GeoDistanceFeatures"
    ),
}


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
                classes[f"feature_engine.{short}.{name}"] = protocol_class(
                    thing, name, bases, FEATURE_ENGINE_TAGS, when, _base_methods_of(bases)
                )
    return {
        "source": f"feature_engine {importlib.metadata.version('feature_engine')}",
        "library": "feature_engine",
        "modules": ["feature_engine"],
        "distributions": ["feature-engine"],
        "aliases": {
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


GENERATORS: dict[str, Callable[[], Facts]] = {
    "sklearn": sklearn,
    "imblearn": imblearn,
    "category_encoders": category_encoders,
    "feature_engine": feature_engine,
}

if __name__ == "__main__":
    main(sys.argv[1:])
