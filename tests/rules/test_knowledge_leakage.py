"""What the flow of data stands on: every API that learns, divides, draws, chooses or scores has its role and tags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import mllint_rules
import pytest

from mllint.semantic.knowledge import FunctionFact, Knowledge, load_knowledge_file
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit

FOLDER = Path(mllint_rules.__file__).parent / "knowledge"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(load_knowledge_file(path) for path in sorted(FOLDER.glob("*.toml")))


def named(table: str) -> Iterator[str]:
    """Yield the qualified names of a table with lines such as ``sklearn.impute: SimpleImputer KNNImputer``."""
    for line in table.strip().splitlines():
        module, _, names = line.partition(":")
        yield from (f"{module.strip()}.{name}" for name in names.split())


def fact_of(knowledge: Knowledge, name: str) -> FunctionFact:
    fact = knowledge.function(knowledge.canonical(name))
    assert fact is not None, name
    return fact


STATISTICS = """
sklearn.preprocessing: StandardScaler MinMaxScaler MaxAbsScaler RobustScaler QuantileTransformer PowerTransformer
sklearn.preprocessing: KBinsDiscretizer SplineTransformer KernelCenterer TargetEncoder Imputer
sklearn.impute: SimpleImputer KNNImputer IterativeImputer
sklearn.decomposition: PCA IncrementalPCA KernelPCA SparsePCA MiniBatchSparsePCA TruncatedSVD NMF MiniBatchNMF FastICA
sklearn.decomposition: FactorAnalysis DictionaryLearning MiniBatchDictionaryLearning LatentDirichletAllocation RandomizedPCA
sklearn.feature_extraction.text: CountVectorizer TfidfVectorizer TfidfTransformer
sklearn.kernel_approximation: Nystroem
sklearn.cross_decomposition: PLSSVD PLSRegression CCA PLSCanonical
sklearn.neural_network: BernoulliRBM
sklearn.ensemble: RandomTreesEmbedding
sklearn.feature_selection: SelectKBest SelectPercentile GenericUnivariateSelect SelectFpr SelectFdr SelectFwe RFE RFECV
sklearn.feature_selection: SelectFromModel SequentialFeatureSelector VarianceThreshold
sklearn.discriminant_analysis: LinearDiscriminantAnalysis
sklearn.neighbors: NeighborhoodComponentsAnalysis KNeighborsTransformer RadiusNeighborsTransformer
sklearn.isotonic: IsotonicRegression
sklearn.manifold: Isomap LocallyLinearEmbedding
sklearn.cluster: KMeans MiniBatchKMeans BisectingKMeans Birch FeatureAgglomeration
category_encoders: TargetEncoder LeaveOneOutEncoder WOEEncoder MEstimateEncoder JamesSteinEncoder CatBoostEncoder
category_encoders: GLMMEncoder QuantileEncoder SummaryEncoder CountTargetEncoder CountEncoder
feature_engine.imputation: MeanMedianImputer EndTailImputer CategoricalImputer RandomSampleImputer
feature_engine.discretisation: EqualFrequencyDiscretiser EqualWidthDiscretiser GeometricWidthDiscretiser
feature_engine.discretisation: DecisionTreeDiscretiser
feature_engine.encoding: CountFrequencyEncoder MeanEncoder WoEEncoder DecisionTreeEncoder RareLabelEncoder
feature_engine.outliers: Winsorizer OutlierTrimmer
feature_engine.scaling: MeanNormalizationScaler
feature_engine.selection: DropConstantFeatures DropCorrelatedFeatures DropDuplicateFeatures DropHighPSIFeatures MRMR
feature_engine.selection: ProbeFeatureSelection RecursiveFeatureAddition RecursiveFeatureElimination
feature_engine.selection: SelectByInformationValue SelectByShuffling SelectBySingleFeaturePerformance
feature_engine.selection: SelectByTargetMeanPerformance SmartCorrelatedSelection
feature_engine.transformation: BoxCoxTransformer YeoJohnsonTransformer
umap: UMAP
sktime.transformations.series.detrend: Detrender Deseasonalizer
darts.dataprocessing.transformers: Scaler
"""
VOCABULARY = """
sklearn.preprocessing: OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer MultiLabelBinarizer
sklearn.feature_extraction: DictVectorizer
sklearn.impute: MissingIndicator
category_encoders: OneHotEncoder OrdinalEncoder BinaryEncoder BaseNEncoder GrayEncoder SumEncoder HelmertEncoder
category_encoders: BackwardDifferenceEncoder PolynomialEncoder RankHotEncoder MultiHotEncoder
feature_engine.encoding: OneHotEncoder OrdinalEncoder StringSimilarityEncoder
"""
STATELESS = """
sklearn.feature_extraction: FeatureHasher
sklearn.feature_extraction.image: PatchExtractor
sklearn.feature_extraction.text: HashingVectorizer
sklearn.kernel_approximation: AdditiveChi2Sampler RBFSampler SkewedChi2Sampler PolynomialCountSketch
sklearn.preprocessing: Binarizer FunctionTransformer Normalizer PolynomialFeatures
sklearn.random_projection: GaussianRandomProjection SparseRandomProjection
sklearn.decomposition: SparseCoder
category_encoders: HashingEncoder
feature_engine.imputation: ArbitraryNumberImputer DropMissingData
feature_engine.discretisation: ArbitraryDiscretiser
feature_engine.outliers: ArbitraryOutlierCapper
feature_engine.creation: CyclicalFeatures MathFeatures RelativeFeatures
feature_engine.datetime: DatetimeFeatures DatetimeSubtraction
feature_engine.transformation: LogTransformer LogCpTransformer ReciprocalTransformer ArcsinTransformer PowerTransformer
"""
SUPERVISED = """
sklearn.feature_selection: SelectKBest SelectPercentile GenericUnivariateSelect SelectFpr SelectFdr SelectFwe RFE RFECV
sklearn.feature_selection: SelectFromModel SequentialFeatureSelector
sklearn.preprocessing: TargetEncoder
sklearn.discriminant_analysis: LinearDiscriminantAnalysis
sklearn.neighbors: NeighborhoodComponentsAnalysis
sklearn.isotonic: IsotonicRegression
category_encoders: TargetEncoder LeaveOneOutEncoder WOEEncoder MEstimateEncoder JamesSteinEncoder CatBoostEncoder
category_encoders: GLMMEncoder QuantileEncoder SummaryEncoder CountTargetEncoder
boruta: BorutaPy
"""
TRANSFORMER_ROLES = {"fit": "fits", "fit_transform": "fits-and-transforms", "transform": "transforms"}


@pytest.mark.parametrize(
    ("table", "tag"),
    [
        (STATISTICS, "learns-statistics"),
        (VOCABULARY, "learns-vocabulary"),
        (STATELESS, "stateless"),
        (SUPERVISED, "supervised"),
    ],
)
def test_transformers(knowledge: Knowledge, table: str, tag: str) -> None:
    for name in named(table):
        kind = knowledge.canonical(name)
        assert tag in knowledge.tags(kind), name
        for method, role in TRANSFORMER_ROLES.items():
            fact = knowledge.method(kind, method)
            assert fact is not None, (name, method)
            assert role in fact.roles, (name, method)
            assert fact.data, (name, method)


def test_only_one_way_of_learning_where_nothing_else_is_learned(knowledge: Knowledge) -> None:
    for name in named(VOCABULARY):
        assert "learns-statistics" not in knowledge.tags(name), name
    for name in named(STATELESS):
        assert knowledge.tags(name).isdisjoint({"learns-statistics", "learns-vocabulary"}), name


def test_embeddings_that_only_fit_and_transform(knowledge: Knowledge) -> None:
    for name in named("sklearn.manifold: TSNE MDS SpectralEmbedding"):
        assert "fits-and-transforms" in fact_of(knowledge, f"{name}.fit_transform").roles
        assert "learns-statistics" in knowledge.tags(name)


CLASSIFIERS = """
sklearn.ensemble: AdaBoostClassifier BaggingClassifier ExtraTreesClassifier GradientBoostingClassifier
sklearn.ensemble: HistGradientBoostingClassifier RandomForestClassifier StackingClassifier VotingClassifier
sklearn.ensemble.forest: RandomForestClassifier
sklearn.linear_model: LogisticRegression LogisticRegressionCV PassiveAggressiveClassifier Perceptron RidgeClassifier
sklearn.linear_model: RidgeClassifierCV SGDClassifier
sklearn.calibration: CalibratedClassifierCV
sklearn.discriminant_analysis: LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis
sklearn.dummy: DummyClassifier
sklearn.gaussian_process: GaussianProcessClassifier
sklearn.model_selection: FixedThresholdClassifier TunedThresholdClassifierCV
sklearn.multiclass: OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier
sklearn.multioutput: ClassifierChain MultiOutputClassifier
sklearn.naive_bayes: BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB
sklearn.neighbors: KNeighborsClassifier NearestCentroid RadiusNeighborsClassifier
sklearn.neural_network: MLPClassifier
sklearn.semi_supervised: LabelPropagation LabelSpreading SelfTrainingClassifier
sklearn.svm: LinearSVC NuSVC SVC
sklearn.tree: DecisionTreeClassifier ExtraTreeClassifier
imblearn.ensemble: BalancedBaggingClassifier BalancedRandomForestClassifier EasyEnsembleClassifier RUSBoostClassifier
xgboost: XGBClassifier XGBRFClassifier
lightgbm: LGBMClassifier
catboost: CatBoostClassifier
"""
REGRESSORS = """
sklearn.compose: TransformedTargetRegressor
sklearn.cross_decomposition: CCA PLSCanonical PLSRegression
sklearn.dummy: DummyRegressor
sklearn.ensemble: AdaBoostRegressor BaggingRegressor ExtraTreesRegressor GradientBoostingRegressor
sklearn.ensemble: HistGradientBoostingRegressor RandomForestRegressor StackingRegressor VotingRegressor
sklearn.gaussian_process: GaussianProcessRegressor
sklearn.isotonic: IsotonicRegression
sklearn.kernel_ridge: KernelRidge
sklearn.linear_model: ARDRegression BayesianRidge ElasticNet ElasticNetCV GammaRegressor HuberRegressor Lars LarsCV Lasso
sklearn.linear_model: LassoCV LassoLars LassoLarsCV LassoLarsIC LinearRegression MultiTaskElasticNet MultiTaskElasticNetCV
sklearn.linear_model: MultiTaskLasso MultiTaskLassoCV OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV
sklearn.linear_model: PassiveAggressiveRegressor PoissonRegressor QuantileRegressor RANSACRegressor Ridge RidgeCV
sklearn.linear_model: SGDRegressor TheilSenRegressor TweedieRegressor
sklearn.multioutput: MultiOutputRegressor RegressorChain
sklearn.neighbors: KNeighborsRegressor RadiusNeighborsRegressor
sklearn.neural_network: MLPRegressor
sklearn.svm: LinearSVR NuSVR SVR
sklearn.tree: DecisionTreeRegressor ExtraTreeRegressor
xgboost: XGBRegressor XGBRFRegressor
lightgbm: LGBMRegressor
catboost: CatBoostRegressor
"""


@pytest.mark.parametrize(("table", "tag"), [(CLASSIFIERS, "classifier"), (REGRESSORS, "regressor")])
def test_models(knowledge: Knowledge, table: str, tag: str) -> None:
    for name in named(table):
        kind = knowledge.canonical(name)
        assert tag in knowledge.tags(kind), name
        for method, role in {"fit": "fits", "predict": "predicts", "score": "scores"}.items():
            fact = knowledge.method(kind, method)
            assert fact is not None, (name, method)
            assert role in fact.roles, (name, method)
            assert fact.data, (name, method)


def test_clusterers_and_outlier_detectors(knowledge: Knowledge) -> None:
    clusterers = """
    sklearn.cluster: AffinityPropagation AgglomerativeClustering Birch BisectingKMeans DBSCAN HDBSCAN KMeans MeanShift
    sklearn.cluster: MiniBatchKMeans OPTICS SpectralClustering
    sklearn.mixture: GaussianMixture
    """
    for name in named(clusterers):
        assert {"clusterer", "learns-statistics"} <= knowledge.tags(name), name
        assert {"fits", "predicts"} <= set(fact_of(knowledge, f"{name}.fit_predict").roles), name
    for name in named("sklearn.ensemble: IsolationForest\nsklearn.svm: OneClassSVM\npyod.models.ecod: ECOD"):
        assert "outlier-detector" in knowledge.tags(name), name
        assert {"fits", "predicts"} <= set(fact_of(knowledge, f"{name}.fit_predict").roles), name


SPLITTERS = """
sklearn.model_selection: KFold StratifiedKFold RepeatedKFold RepeatedStratifiedKFold GroupKFold StratifiedGroupKFold
sklearn.model_selection: LeaveOneOut LeavePOut LeaveOneGroupOut LeavePGroupsOut ShuffleSplit StratifiedShuffleSplit
sklearn.model_selection: GroupShuffleSplit PredefinedSplit TimeSeriesSplit
sklearn.cross_validation: KFold StratifiedKFold ShuffleSplit
iterstrat.ml_stratifiers: MultilabelStratifiedKFold
skmultilearn.model_selection: IterativeStratification
sktime.split: ExpandingWindowSplitter SlidingWindowSplitter
"""
FUNCTIONS = {
    "splits": """
        sklearn.model_selection: train_test_split
        sklearn.cross_validation: train_test_split
        skmultilearn.model_selection: iterative_train_test_split
        dask_ml.model_selection: train_test_split
        torch.utils.data: random_split
        keras.utils: split_dataset
        sktime.split: temporal_train_test_split
        sktime.forecasting.model_selection: temporal_train_test_split
    """,
    "cross-validates": """
        sklearn.model_selection: cross_val_score cross_validate cross_val_predict learning_curve validation_curve
        sklearn.model_selection: permutation_test_score
        sklearn.cross_validation: cross_val_score
        sklearn.learning_curve: learning_curve
        sklearn.model_selection.LearningCurveDisplay: from_estimator
        sklearn.model_selection.ValidationCurveDisplay: from_estimator
        xgboost: cv
        lightgbm: cv
        catboost: cv
        prophet.diagnostics: cross_validation
    """,
    "fits-and-transforms": """
        sklearn.preprocessing: scale minmax_scale maxabs_scale robust_scale quantile_transform power_transform
        sklearn.cluster: k_means dbscan
        scipy.stats: zscore boxcox yeojohnson rankdata
        pandas: get_dummies factorize qcut
    """,
    "keeps-rows": """
        sklearn.preprocessing: normalize binarize add_dummy_feature label_binarize
        pandas: cut to_datetime to_numeric isna
        statsmodels.api: add_constant
        torch.utils.data: DataLoader TensorDataset
    """,
    "scores": """
        sklearn.metrics: accuracy_score adjusted_mutual_info_score adjusted_rand_score average_precision_score
        sklearn.metrics: balanced_accuracy_score brier_score_loss calinski_harabasz_score class_likelihood_ratios
        sklearn.metrics: classification_report cohen_kappa_score completeness_score confusion_matrix consensus_score
        sklearn.metrics: coverage_error d2_absolute_error_score d2_pinball_score d2_tweedie_score davies_bouldin_score
        sklearn.metrics: dcg_score det_curve explained_variance_score f1_score fbeta_score fowlkes_mallows_score
        sklearn.metrics: hamming_loss hinge_loss homogeneity_completeness_v_measure homogeneity_score jaccard_score
        sklearn.metrics: label_ranking_average_precision_score label_ranking_loss log_loss matthews_corrcoef max_error
        sklearn.metrics: mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss
        sklearn.metrics: mean_poisson_deviance mean_squared_error mean_squared_log_error mean_tweedie_deviance
        sklearn.metrics: median_absolute_error multilabel_confusion_matrix mutual_info_score ndcg_score
        sklearn.metrics: normalized_mutual_info_score pair_confusion_matrix precision_recall_curve
        sklearn.metrics: precision_recall_fscore_support precision_score r2_score rand_score recall_score roc_auc_score
        sklearn.metrics: roc_curve root_mean_squared_error root_mean_squared_log_error silhouette_samples silhouette_score
        sklearn.metrics: top_k_accuracy_score v_measure_score zero_one_loss plot_confusion_matrix plot_roc_curve
        sklearn.metrics.cluster: v_measure_score
        sklearn.metrics.RocCurveDisplay: from_estimator from_predictions
        imblearn.metrics: geometric_mean_score
        torchmetrics.functional: accuracy
        darts.metrics: mape
    """,
    "searches": """
        sklearn.model_selection.GridSearchCV: fit
        sklearn.model_selection.RandomizedSearchCV: fit
        sklearn.model_selection.HalvingGridSearchCV: fit
        sklearn.model_selection.HalvingRandomSearchCV: fit
        sklearn.model_selection.TunedThresholdClassifierCV: fit
        sklearn.grid_search.GridSearchCV: fit
        sklearn.linear_model.LassoCV: fit
        skopt.BayesSearchCV: fit
        sklearn_genetic.GASearchCV: fit
        tpot.TPOTClassifier: fit
        dask_ml.model_selection.GridSearchCV: fit
        keras_tuner.Hyperband: search
        kerastuner.tuners.RandomSearch: search
        optuna.Study: optimize
        hyperopt: fmin
    """,
    "fits": """
        keras.preprocessing.text.Tokenizer: fit_on_texts fit_on_sequences
        keras.layers.TextVectorization: adapt
        keras.layers.Normalization: adapt
        tensorflow.keras.layers.experimental.preprocessing.StringLookup: adapt
        keras.layers.Discretization: adapt
        keras.Sequential: fit fit_generator
        gensim.models: Word2Vec Doc2Vec
        gensim.models.word2vec: Word2Vec
        gensim.models.Word2Vec: train build_vocab
        prophet.Prophet: fit
        fbprophet.Prophet: fit
        sktime.forecasting.naive.NaiveForecaster: fit
        darts.models.NBEATSModel: fit
    """,
    "trains": """
        xgboost: train
        lightgbm: train
        catboost: train
        keras.Model: train_on_batch
        lightning.pytorch.Trainer: fit
        transformers.Trainer: train
        torch.Tensor: backward
        statsmodels.api.OLS: fit
        statsmodels.tsa.arima.model.ARIMA: fit
    """,
    "predicts": """
        keras.Model: predict predict_classes predict_generator
        lightning.pytorch.Trainer: predict
        statsmodels.Results: predict forecast
        prophet.Prophet: predict
        sktime.forecasting.naive.NaiveForecaster: predict
        xgboost.Booster: predict
    """,
    "resamples": """
        sklearn.utils: resample
        keras.preprocessing.image.ImageDataGenerator: flow flow_from_dataframe
    """,
    "selects-rows": """
        torch.utils.data: Subset SubsetRandomSampler
        datasets.Dataset: select filter shard
        tensorflow.data.Dataset: take skip
        polars.DataFrame: filter
    """,
    "loads-data": """
        yfinance: download
        pandas_datareader.data: DataReader
        pandas: read_csv
    """,
}


def test_splitters(knowledge: Knowledge) -> None:
    for name in named(SPLITTERS):
        kind = knowledge.canonical(name)
        assert "splitter" in knowledge.tags(kind), name
        fact = knowledge.method(kind, "split")
        assert fact is not None, name
        assert "splits" in fact.roles, name
        assert fact.data, name
    for name in named("sklearn.model_selection: GroupKFold GroupShuffleSplit LeaveOneGroupOut StratifiedGroupKFold"):
        assert "group-aware" in knowledge.tags(name), name
    assert "time-aware" in knowledge.tags("sklearn.model_selection.TimeSeriesSplit")


@pytest.mark.parametrize("role", FUNCTIONS)
def test_roles(knowledge: Knowledge, role: str) -> None:
    for name in named(FUNCTIONS[role]):
        assert role in fact_of(knowledge, name).roles, name


@pytest.mark.parametrize("role", ["splits", "cross-validates", "fits-and-transforms", "scores"])
def test_data_is_named(knowledge: Knowledge, role: str) -> None:
    for name in named(FUNCTIONS[role]):
        assert fact_of(knowledge, name).data, name


def test_samplers(knowledge: Knowledge) -> None:
    over = "RandomOverSampler SMOTE SMOTENC SMOTEN BorderlineSMOTE SVMSMOTE KMeansSMOTE ADASYN"
    under = (
        "RandomUnderSampler NearMiss TomekLinks EditedNearestNeighbours RepeatedEditedNearestNeighbours AllKNN"
        " CondensedNearestNeighbour OneSidedSelection NeighbourhoodCleaningRule InstanceHardnessThreshold ClusterCentroids"
    )
    for name in named(
        f"imblearn.over_sampling: {over}\nimblearn.under_sampling: {under}\n"
        "imblearn.combine: SMOTEENN SMOTETomek\nimblearn: FunctionSampler"
    ):
        kind = knowledge.canonical(name)
        for method in ("fit_resample", "fit_sample"):
            fact = fact_of(knowledge, f"{kind}.{method}")
            assert "resamples" in fact.roles, name
            assert fact.data == ("X", "y"), name
        assert "resampler" in knowledge.tags(kind), name
    assert "oversampler" in knowledge.tags("imblearn.over_sampling.SMOTE")
    assert "undersampler" in knowledge.tags("imblearn.under_sampling.NearMiss")
    assert "pipeline" in knowledge.tags("imblearn.pipeline.Pipeline")
    assert "resamples" not in fact_of(knowledge, "imblearn.datasets.make_imbalance").roles


REDUCTIONS = """
numpy: ptp percentile nanpercentile quantile nanquantile median average mean std var nanmedian nanmean nanstd nanvar corrcoef
numpy: correlate cov histogram histogram2d histogramdd bincount histogram_bin_edges amax max nanmax amin min nanmin
numpy: count_nonzero trace argmax argmin unique
numpy.linalg: eig eigh eigvals eigvalsh norm cond det matrix_rank slogdet svd
numpy.ndarray: max min ptp trace sum mean var std prod
pandas.DataFrame: corr corrwith count cov mode mean median max min std skew var sum prod describe agg aggregate idxmax idxmin
pandas.DataFrame: quantile sem kurtosis nunique rank value_counts
pandas.Series: autocorr corr count cov mode mean median max min std skew var sum prod describe agg idxmax idxmin argmax
pandas.Series: quantile rank sem kurtosis unique nunique value_counts
pandas.DataFrameGroupBy: mean median std count agg transform size nunique rank
pandas.SeriesGroupBy: mean median std count agg transform size nunique rank
pandas: value_counts unique crosstab
polars.DataFrame: mean median std max min quantile n_unique
polars.Series: mean median std max min quantile n_unique value_counts
polars.Expr: mean median std max min quantile n_unique
polars.GroupBy: agg mean
torch.Tensor: mean std max min
"""
COUNTING = """
pandas.DataFrame: count nunique value_counts any all memory_usage describe info
pandas.Series: count nunique unique value_counts any all
pandas.SeriesGroupBy: size count nunique
pandas: unique value_counts crosstab
numpy: unique count_nonzero bincount any all
polars.Expr: n_unique null_count
"""
CHOOSING = """
builtins: max min sorted
numpy: argmax argmin max min nanargmax nanargmin argsort amax
numpy.ndarray: argmax argmin max min argsort
pandas.DataFrame: sort_values idxmax idxmin nlargest nsmallest max min
pandas.Series: sort_values idxmax idxmin nlargest nsmallest max min argmax argmin
"""


def test_reductions(knowledge: Knowledge) -> None:
    for name in named(REDUCTIONS):
        assert "reduces-rows" in fact_of(knowledge, name).roles, name
    for name in named(COUNTING):
        assert "counts" in fact_of(knowledge, name).tags, name
    for name in named("pandas.SeriesGroupBy: transform rank\npandas.Series: rank\nscipy.stats: zscore rankdata"):
        assert "broadcasts" in fact_of(knowledge, name).tags, name
    for name in named("pandas: isna isnull notna\npandas.DataFrame: isna isnull notnull\nnumpy: isnan"):
        assert "missing-mask" in fact_of(knowledge, name).tags, name
    for name in named("pandas: cut qcut\nsklearn.preprocessing: KBinsDiscretizer\nkeras.layers: Discretization"):
        assert "learns-edges" in fact_of(knowledge, name).tags, name


def test_reductions_of_rows_take_an_axis(knowledge: Knowledge) -> None:
    """A reduction along the columns of each row learns nothing about other rows."""
    for name in named(
        "numpy: mean std var median max min sum ptp percentile argmax argsort\n"
        "numpy.ndarray: mean std var max min sum argmax\n"
        "pandas.DataFrame: mean std var median max min sum quantile idxmax nunique agg apply rank cumsum\n"
        "scipy.stats: zscore skew kurtosis\nsklearn.preprocessing: scale minmax_scale"
    ):
        signature = fact_of(knowledge, name).signature
        assert signature is not None, name
        assert "axis" in signature, name


def test_choices(knowledge: Knowledge) -> None:
    for name in named(CHOOSING):
        fact = fact_of(knowledge, name)
        assert "chooses" in fact.roles, name
        assert len(fact.roles) > 1, name
    for name in ("numpy.mean", "pandas.DataFrame.mean", "builtins.sum"):
        assert "chooses" not in fact_of(knowledge, name).roles, name


def test_groups_work_group_by_group(knowledge: Knowledge) -> None:
    for name in named("pandas.SeriesGroupBy: shift diff pct_change cumsum ffill bfill rolling transform rank"):
        assert "per-group" in fact_of(knowledge, name).tags, name
    assert knowledge.data_method("shift", grouped=True) == fact_of(knowledge, "pandas.DataFrameGroupBy.shift")


def test_text_and_categories(knowledge: Knowledge) -> None:
    for name in named("sklearn.feature_extraction.text: CountVectorizer TfidfVectorizer TfidfTransformer"):
        assert {"learns-vocabulary", "learns-statistics"} <= knowledge.tags(name), name
    assert {"learns-vocabulary", "learns-statistics"} <= knowledge.tags("keras.preprocessing.text.Tokenizer")
    assert "learns-statistics" in knowledge.tags("keras.layers.Normalization")
    assert "stateless" in knowledge.tags("keras.preprocessing.image.ImageDataGenerator")


def test_threshold_curves(knowledge: Knowledge) -> None:
    for name in named("sklearn.metrics: roc_curve precision_recall_curve det_curve"):
        assert "threshold-curve" in fact_of(knowledge, name).tags, name
    assert "threshold-curve" not in fact_of(knowledge, "sklearn.calibration.calibration_curve").tags


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("keras.Model.fit", ("validation_data",)),
        ("keras.Sequential.fit_generator", ("validation_data",)),
        ("xgboost.XGBRegressor.fit", ("eval_set",)),
        ("xgboost.train", ("evals",)),
        ("lightgbm.LGBMClassifier.fit", ("eval_set", "eval_X", "eval_y")),
        ("lightgbm.train", ("valid_sets",)),
        ("catboost.CatBoostClassifier.fit", ("eval_set",)),
        ("lightning.pytorch.Trainer.fit", ("val_dataloaders", "datamodule.val_dataloader")),
        ("transformers.Trainer", ("eval_dataset",)),
        ("transformers.Seq2SeqTrainer", ("eval_dataset",)),
        ("keras_tuner.RandomSearch.search", ("validation_data",)),
        ("sklearn.ensemble.HistGradientBoostingClassifier.fit", ("X_val", "y_val")),
    ],
)
def test_rows_that_a_fit_is_watched_on(knowledge: Knowledge, name: str, parameters: tuple[str, ...]) -> None:
    fact = fact_of(knowledge, name)
    assert fact.validation == parameters
    assert not set(fact.validation) & set(fact.data)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("xgboost.XGBClassifier(early_stopping_rounds=10)", True),
        ("xgboost.XGBClassifier()", False),
        ("xgboost.train(p, d, 100, e, early_stopping_rounds=5)", True),
        ("xgboost.train(p, d, evals=e)", False),
        ("xgboost.callback.EarlyStopping(10)", True),
        ("lightgbm.LGBMRegressor(early_stopping_round=20)", True),
        ("lightgbm.early_stopping(10)", True),
        ("catboost.CatBoostClassifier().fit(X, y, eval_set=e)", True),
        ("catboost.CatBoostClassifier().fit(X, y, eval_set=e, use_best_model=False)", False),
        ("sklearn.ensemble.HistGradientBoostingClassifier()", True),
        ("sklearn.ensemble.HistGradientBoostingClassifier(early_stopping=False)", False),
        ("keras.callbacks.EarlyStopping(patience=3)", True),
        ("keras.callbacks.EarlyStopping(monitor='loss')", False),
        ("keras.callbacks.ReduceLROnPlateau()", True),
        ("keras.callbacks.ModelCheckpoint('best.keras', save_best_only=True)", True),
        ("keras.callbacks.ModelCheckpoint('last.keras')", False),
        ("lightning.pytorch.callbacks.EarlyStopping('val_loss')", True),
        ("lightning.pytorch.callbacks.ModelCheckpoint()", False),
        ("lightning.pytorch.callbacks.ModelCheckpoint(monitor='val_loss')", True),
        ("transformers.TrainingArguments('out', load_best_model_at_end=True)", True),
        ("transformers.TrainingArguments('out')", False),
        ("keras_tuner.RandomSearch().search(x, y)", True),
    ],
)
def test_when_the_watched_score_selects(knowledge: Knowledge, call: str, expected: bool) -> None:
    assert any_holds(knowledge, call, "selects_when") is expected


@pytest.mark.parametrize(
    ("call", "ahead", "behind", "ordered"),
    [
        ("frame.shift(-1)", True, False, False),
        ("frame.shift(1)", False, True, False),
        ("frame.shift()", False, True, False),
        ("frame.shift(n)", False, False, False),
        ("frame['a'].diff()", False, True, False),
        ("frame['a'].diff(-1)", True, False, False),
        ("frame['a'].pct_change(periods=-2)", True, False, False),
        ("frame.bfill()", True, False, False),
        ("frame.backfill()", True, False, False),
        ("frame.ffill()", False, True, False),
        ("frame.fillna(method='bfill')", True, False, False),
        ("frame.fillna(method='ffill')", False, True, False),
        ("frame.fillna(0)", False, False, False),
        ("frame.interpolate()", False, True, False),
        ("frame.interpolate(limit_direction='both')", True, True, False),
        ("frame.rolling(3)", False, True, False),
        ("frame.rolling(3, center=True)", True, True, False),
        ("frame.expanding()", False, True, False),
        ("frame['a'].cumsum()", False, True, False),
        ("frame.groupby('k').shift(-1)", True, False, False),
        ("frame.resample('D')", False, False, True),
        ("frame.asfreq('D')", False, False, True),
        ("frame.resample('D').bfill()", True, False, False),
        ("pandas.read_csv('a.csv', parse_dates=['when'])", False, False, True),
        ("pandas.read_csv('a.csv', parse_dates=False)", False, False, False),
        ("pandas.read_csv('a.csv')", False, False, False),
        ("pandas.date_range('2020', periods=3)", False, False, True),
        ("pandas.merge_asof(a, b, on='t')", False, True, False),
        ("pandas.merge_asof(a, b, on='t', direction='forward')", True, False, False),
        ("numpy.roll(x, -1)", True, False, False),
        ("numpy.roll(x, 1)", False, True, False),
        ("numpy.gradient(x)", True, True, False),
        ("numpy.convolve(x, k, mode='same')", True, True, False),
        ("numpy.convolve(x, k, 'valid')", False, False, False),
        ("scipy.signal.savgol_filter(x, 5, 2)", True, False, False),
        ("scipy.signal.filtfilt(b, a, x)", True, False, False),
        ("scipy.signal.lfilter(b, a, x)", False, True, False),
        ("scipy.ndimage.gaussian_filter1d(x, 2)", True, False, False),
        ("polars.col('a').shift(-1)", True, False, False),
        ("polars.read_csv('a.csv').fill_null(strategy='backward')", True, False, False),
        ("statsmodels.tsa.seasonal.seasonal_decompose(x)", True, False, False),
        ("yfinance.download('A')", False, False, True),
    ],
)
def test_time(knowledge: Knowledge, call: str, ahead: bool, behind: bool, ordered: bool) -> None:
    assert any_holds(knowledge, call, "ahead_when") is ahead
    assert any_holds(knowledge, call, "behind_when") is behind
    assert any_holds(knowledge, call, "ordered_when") is ordered


def any_holds(knowledge: Knowledge, call: str, conditions: str) -> bool:
    """Tell whether one of the conditions of a fact holds for a call."""
    imports = (
        "numpy pandas polars scipy.signal scipy.ndimage sklearn.ensemble keras keras_tuner xgboost lightgbm catboost"
    )
    imports += " lightning.pytorch transformers yfinance statsmodels.tsa.seasonal"
    code = "".join(f"import {name}\n" for name in imports.split()) + f"frame = pandas.DataFrame(data)\n{call}\n"
    unit = read_unit(Path("/project/run.py"), "run.py", code.encode())
    parse_unit(unit)
    model = SemanticModel(unit, knowledge)
    site = model.call(cst.ensure_type(list(model.nodes(cst.Expr))[-1].value, cst.Call))
    assert site.fact is not None, call
    return any(site.holds(condition) for condition in getattr(site.fact, conditions))


def test_conventions(knowledge: Knowledge) -> None:
    roles = {
        "fit": "fits",
        "partial_fit": "fits",
        "fit_transform": "fits-and-transforms",
        "transform": "transforms",
        "fit_predict": "predicts",
        "predict": "predicts",
        "predict_proba": "predicts",
        "decision_function": "predicts",
        "forecast": "predicts",
        "score": "scores",
        "evaluate": "scores",
        "fit_resample": "resamples",
        "fit_sample": "resamples",
        "train_on_batch": "trains",
    }
    for name, role in roles.items():
        assert role in knowledge.methods[name].roles, name
    assert knowledge.methods.keys().isdisjoint({"train", "eval", "test", "run", "update"})
