"""The configuration of a trial of another size or design, out of that of the published one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sclerotrial.simulate.options import Options

PANEL = """  panel_skin:
    label: Skin expression panel
    files: skin/*.tsv
    format: auto
    compartment: SKIN
    scale: log2
    method: as_given
    wide: true
    analytes:
      {first}: {{unit: log2}}
    scores:
      FACTOR: {{param: Genes of the common factor, unit: mean z, features: [{members}]}}
"""
#: genes of the score of the panel at most
MEMBERS = 10
#: with several patients on placebo the arms are what is compared
ARMS = """  arms_primary: {label: "Primary endpoint, between arms", method: none, \
members: ["efficacy.mrss.imatinib_vs_placebo.month6.chg.permutation.p"]}
  arms_secondary:
    label: Secondary endpoints between arms at month 6
    method: holm
    members:
      - efficacy.haqdi.imatinib_vs_placebo.month6.chg.permutation.p
      - efficacy.ptga.imatinib_vs_placebo.month6.chg.permutation.p
      - efficacy.phga.imatinib_vs_placebo.month6.chg.permutation.p
      - efficacy.htq.imatinib_vs_placebo.month6.aval.permutation.p
      - efficacy.crp.imatinib_vs_placebo.month6.chg.permutation.p
      - efficacy.esr.imatinib_vs_placebo.month6.chg.permutation.p
"""
#: of the published trial, not of free draws
ONLY_PUBLISHED = ("claims.yaml",)


def adapt(name: str, text: str, options: Options, last: str, sizes: Mapping[str, int]) -> str:
    """A file of the configuration for another trial; comments and order stay.

    Parameters
    ----------
    name, text : str
        Of the file.
    options : Options
        A trial like the published one leaves the file as it is.
    last : str
        Day of the last visit, ISO.
    sizes : mapping of str to int
        Patients by arm code.
    """
    if name == "study.yaml" and not options.published:
        text = _study(text, options, last)
    if name == "analyses.yaml" and not options.published and sizes.get("PLACEBO", 0) > 1:
        text = _analyses(text)
    if name == "assays.yaml" and options.genes:
        names = gene_names(options.genes)
        panel = PANEL.format(first=names[0], members=", ".join(names[::10][:MEMBERS]))
        text = re.sub(r"^(?=samples:)", panel, text, count=1, flags=re.M)
    if name == "forms.yaml" and options.digits != 2:
        text = _put(text, r"(\(IM\|SF\)\\d\{)\d+", str(options.digits))
        text = _put(text, r"^(  digits: )\d+", str(options.digits))
    return text


def gene_names(n: int) -> list[str]:
    """Names of the genes of the panel; every tenth follows the common factor."""
    return [f"GENE{i + 1:0{len(str(n))}d}" for i in range(n)]


def _put(text: str, pattern: str, value: str) -> str:
    """What stands behind the first group of the pattern, replaced once."""
    return re.sub(pattern, lambda m: m.group(1) + value, text, count=1, flags=re.M)


def _study(text: str, options: Options, last: str) -> str:
    """Planned numbers, ratio and end; no paper, and no reason of the published trial to stop."""
    n, (a, b) = options.patients, options.arms
    planned = max(20, n)
    active = round(planned * a / (a + b))
    for pattern, value in (
        (r"^(  planned: )\d+", str(planned)),
        (r'^(  ratio: )"[^"]*"', f'"{a}:{b}"'),
        (r"(code: IMATINIB,.*?planned: )\d+", str(active)),
        (r"(code: PLACEBO,.*?planned: )\d+", str(planned - active)),
        (r"^(  stopped: )[\d-]+.*", max(last, "2008-12-31")),
    ):
        text = _put(text, pattern, value)
    return re.sub(r"^(paper|  stop_reason):.*\n", "", text, flags=re.M)


def _analyses(text: str) -> str:
    """Several patients on placebo: a group like the others, compared with the drug."""
    text = re.sub(r"(^  placebo: \{.*), single: true\}", r"\1}", text, count=1, flags=re.M)
    text = re.sub(r"^shared_hidden:.*", "shared_hidden: []", text, count=1, flags=re.M)
    text = re.sub(r"^  single: \[placebo\].*\n", "", text, flags=re.M)
    for key in ("efficacy", "exposure", "biomarkers"):
        text = _put(text, rf"(^{key}:\n(?:  .*\n)*?  groups: \[imatinib)", ", placebo")
    text = _put(text, r"(^  locf: \[imatinib)", ", placebo")
    text = re.sub(r"^(  arms: \[imatinib_vs_placebo\]).*", r"\1", text, flags=re.M)
    return re.sub(r"^(?=  serum: \{label)", lambda _: ARMS, text, count=1, flags=re.M)
