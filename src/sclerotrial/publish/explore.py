"""What the notebook for exploration shows beyond the report: datasets, and figures drawn anew."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sclerotrial import figures
from sclerotrial.publish import pages
from sclerotrial.tabular import read_csv


class Results(pages.Results):
    """The results of one run, with what can be made of them; see `pages.Results`."""

    def draw(self, name: str) -> Any:
        """A figure as an object that can be changed, drawn anew from the datasets.

        Returns
        -------
        plotnine ggplot or matplotlib Figure
        """
        frames = {n: self.frame(n) for n in figures.needs(name)}
        return figures.draw(name, frames, self.numbers.frame, self.study)[0]

    def frame(self, name: str) -> pd.DataFrame:
        """An analysis dataset, or a table of all assays together.

        Those are ``readings``, ``levels``, ``quality``, and ``wide``: the tests of all features.
        """
        if name == "wide" and self.has("wide/tests.parquet"):
            return pd.read_parquet(self._there("wide/tests.parquet"))
        if self.has(f"adam/{name}.csv"):
            return self.read(f"adam/{name}.csv")
        found = sorted(self.folder.glob(f"assays/*/{name}.csv"))
        if not found:
            self._there(f"adam/{name}.csv")
        return pd.concat([read_csv(path) for path in found], ignore_index=True)
