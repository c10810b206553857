# A small clinical trial, from the raw exports to the paper.
#
#   snakemake              everything           snakemake intake      what are these raw files?
#   snakemake biomarkers   after a new assay    snakemake verify      the same as published?

import atexit
import os
import sys
from pathlib import Path

from snakemake.utils import min_version

from sclerotrial.errors import InputErrors
from sclerotrial.plan import Plan
from sclerotrial.step import told_by

min_version("9.0")

# one thread a step and no clock in a file: the same bytes everywhere
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
os.environ |= {"SOURCE_DATE_EPOCH": "0", "MPLBACKEND": "agg"}
# where it is set, every step would compile the package again
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# what most steps import: once for all of them, the slow ones while the first steps run
PRELOADED = {
    "preload": "sclerotrial.step sclerotrial.tabular",
    "preload_later": "scipy.stats pingouin pyreadstat matplotlib.figure plotnine great_tables docx"
    " pyarrow.parquet",
}

try:
    PLAN = Plan(Path(workflow.basedir), dict(config))
except InputErrors as stopped:
    print(stopped, file=sys.stderr)
    sys.exit(1)


wildcard_constraints:
    assay="|".join(PLAN.assays) or "none",
    raw=".+",


include: "workflow/rules/read.smk"
include: "workflow/rules/clean.smk"


if PLAN.assays:

    include: "workflow/rules/biomarkers.smk"


if PLAN.analysed:

    include: "workflow/rules/derive.smk"
    include: "workflow/rules/analyse.smk"
    include: "workflow/rules/present.smk"
    include: "workflow/rules/publish.smk"


# every output is named here: a step that failed is tried again, whatever stands after it
rule all:
    default_target: True
    input:
        PLAN.everything,


onstart:
    PLAN.remember()


# an input that stopped a step: the three lines come last
onerror:
    problems = told_by(Path(PLAN.to("logs")))
    if problems:
        atexit.register(print, *problems, sep="\n", file=sys.stderr)


# content decides what is due; without the plugin, Snakemake's own triggers do (--executor local)
try:
    from snakemake_executor_plugin_cutoff import by_content
except ImportError:
    pass
else:
    by_content(workflow, PLAN.to(".ledger"), **PRELOADED)
