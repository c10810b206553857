"""Change of biomarkers from baseline: how a pair is scored, and the dataset of all pairs."""
