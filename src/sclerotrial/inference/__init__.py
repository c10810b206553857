"""Exact small-sample statistics: matrices of features by patients, with thin one-feature fronts."""
