"""Drawing the standard curves."""

import pandas as pd

from sclerotrial.figures.assay_quality import biomarker_curves
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    data = {name: pd.concat(step.tables(name)) for name in ("readings", "levels")}
    plot, caption = biomarker_curves(data, step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_curves", step.params.formats)
