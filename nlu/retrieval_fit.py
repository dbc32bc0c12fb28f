"""Training of the linear model that tells items apart; seconds, whenever the library changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
STRENGTH = 10.0
"""Inverse regularisation; 3 and 30 were tried as well."""


def fit(keys: NDArray[np.str_], rows: Floats, characters: Any) -> dict[str, Floats]:
    """Weights and bias of each key in order of appearance, the rows and their centre."""
    from sklearn.linear_model import LogisticRegression

    from nlu.retrieval import features

    centre = rows.mean(axis=0)
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    model.fit(features(rows - centre, characters), keys)
    classes = model.classes_.tolist()
    order = [classes.index(name) for name in dict.fromkeys(keys.tolist())]
    weights, bias = _for_each_class(model.coef_, model.intercept_)
    return {
        "weights": weights[order].astype(np.float32),
        "bias": bias[order].astype(np.float32),
        "rows": rows,
        "centre": centre,
    }


def _for_each_class(weights: Any, bias: Any) -> tuple[Any, Any]:
    """Two classes share one row of weights in scikit-learn."""
    if len(bias) > 1:
        return weights, bias
    return np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
