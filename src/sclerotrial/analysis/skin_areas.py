"""The areas of the skin score, described: value at the first visit and change, without tests."""

from __future__ import annotations

from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, both, by_subject, is_

#: what derived datasets call the part of a score that was seen at one area
CATEGORY = "mRSS area"
#: what is told of an area; quartiles of four steps say nothing
TOLD = ("n", "mean", "sd", "min", "max", "estimate")


def skin_areas(desk: Desk, groups: list[str]) -> Rows:
    """Baseline and change to each later visit of every area of the skin, by group.

    Parameters
    ----------
    desk : Desk
        With ``adqs``; areas are its rows of `CATEGORY`.
    groups : list of str
        Groups of ``analyses.yaml``.

    Returns
    -------
    list of dict
        Rows ``efficacy.{area}.{group}.{visit}.aval`` and ``.chg`` with the statistics of
        `TOLD`.
        Areas are many and each is a scale of four steps, so that nothing is tested.
    """
    adqs = desk.frames.get("adqs")
    if adqs is None or "PARCAT1" not in adqs.columns:
        return []
    seen = adqs[adqs["PARCAT1"] == CATEGORY]
    labels = dict(zip(seen["PARAMCD"], seen["PARAM"], strict=True))
    first = next(v.avisit for v in desk.study.visits if v.baseline)
    rows: Rows = []
    for code in sorted(labels):
        for name in groups:
            for visit in (first, *desk.later_visits):
                begun = visit == first
                own = is_("ABLFL", "Y") if begun else both(is_("AVISIT", visit), 'ANL01FL=="Y"')
                where = both(is_("PARAMCD", code), own, desk.group(name).where)
                column = "AVAL" if begun else "CHG"
                at = desk.scope(
                    "efficacy", name, param=code.lower(), label=labels[code], paramcd=code,
                    avisit=visit, where=where, dataset="adqs", unit="points",
                    quantity="aval" if begun else "chg",
                )  # fmt: skip
                found = by_subject(desk.select("adqs", where), column)
                described = blocks.values(at, found, (0, 2), desk.group(name).single)
                rows += [r for r in described if r["STAT"] in TOLD]
    return rows
