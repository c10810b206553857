"""Adverse events by preferred term and grade: each patient once a term, at the worst grade."""

from __future__ import annotations

from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, both, is_
from sclerotrial.ard import slug
from sclerotrial.tabular import num

GRADES = range(1, 6)


def term_grades(desk: Desk, terms: list[str]) -> Rows:
    """Patients by their worst grade of each term, in every group of ``safety``.

    Parameters
    ----------
    desk : Desk
        With ``adsl``, ``adae``.
    terms : list of str
        Preferred terms in the order in which they are told.

    Returns
    -------
    list of dict
        Rows ``safety.pt_{term}.{group}.grade{1..5}.count``; a patient whose grade of a term is
        missing throughout is counted in none, and ``.grade_missing.count`` says how many.
    """
    rows: Rows = []
    for term in terms:
        for name in desk.plan.safety.groups:
            where = both(desk.plan.safety.emergent, is_("AEDECOD", term), desk.group(name).where)
            df = desk.select("adae", where)
            worst = num(df["AETOXGRN"]).groupby(df["USUBJID"].to_numpy()).max()
            for grade in GRADES:
                at = desk.scope(
                    "safety", name, param=f"pt_{slug(term)}", label=f"{term}, worst grade {grade}",
                    dataset="adae", where=where, quantity=f"grade{grade}", n=desk.size(name),
                )  # fmt: skip
                rows += blocks.count(at, int((worst == grade).sum()))
            lost = at.but(quantity="grade_missing", label=f"{term}, grade missing")
            rows += blocks.count(lost, int(worst.isna().sum()))
    return rows
