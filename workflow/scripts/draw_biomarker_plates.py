"""Drawing the checks of the plates."""

import pandas as pd

from sclerotrial.figures.assay_quality import biomarker_plates
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    data = {"quality": pd.concat(step.tables("quality"))}
    plot, caption = biomarker_plates(data, step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_plates", step.params.formats)
