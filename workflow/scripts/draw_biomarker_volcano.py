"""Drawing the change of all features of the wide panels."""

import pandas as pd

from sclerotrial.figures.theme import save
from sclerotrial.figures.volcano import biomarker_volcano
from sclerotrial.step import Step

with Step(snakemake) as step:
    data = {"wide": pd.read_parquet(step.input.tests)}
    plot, caption = biomarker_volcano(data, step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_volcano", step.params.formats)
