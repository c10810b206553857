"""Findings of all steps -> the query list, with its status against the former list."""

from sclerotrial.clean import queries
from sclerotrial.step import Step

with Step(snakemake) as step:
    former = next(iter(step.tables("former")), None)
    table = queries.merge(*step.tables("findings"), former=former)
    step.write(table, step.output.csv)
    sites = queries.site_of(table["USUBJID"].unique(), step.study.forms.subject.site)
    queries.to_xlsx(table, step.output.xlsx, sites)
