"""Our derivations of the CDISC pilot beside the published datasets: `python -m` prints the table.

Every difference is put down to a named rule by a condition on the row itself; what no condition
explains is counted as 'unexplained' and fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from sclerotrial.derive.adae import derive_adae
from sclerotrial.derive.adcm import derive_adcm
from sclerotrial.derive.adex import derive_adex
from sclerotrial.derive.adlb import add_grades, add_range, range_indicator
from sclerotrial.derive.adsl import derive_adsl
from sclerotrial.derive.adtte import derive_adtte
from sclerotrial.derive.bds import derive_bds
from tests.derive import pilot
from tests.derive.pilot import ADAM, ADMIRAL, ADMIRAL_SDTM, SDTM, equal, table, text

Why = dict[str, dict[str, Callable[[pd.DataFrame], pd.Series]]]
COLUMNS = ["PUBLISHED", "VARIABLE", "ROWS", "EQUAL", "WHY", "DIFFER"]
_WORDS = {"N": "NORMAL", "L": "LOW", "H": "HIGH"}


def differences(both: pd.DataFrame, label: str, variables: list[str], why: Why) -> pd.DataFrame:
    """A row a variable and reason: rows compared, equal, and different for that reason.

    Parameters
    ----------
    both : DataFrame
        Our rows beside the published ones, whose columns end in ``_P``.
    label : str
        The published dataset.
    variables : list of str
    why : dict
        Variable -> reason -> condition on the rows that differ.
    """
    rows = []
    for name in variables:
        same = equal(both[name], both[f"{name}_P"])
        left = both[~same]
        rows.append((label, name, len(both), int(same.sum()), "", len(left)))
        for reason, holds in why.get(name, {}).items():
            held = holds(left).astype(bool) if len(left) else pd.Series(dtype=bool)
            if held.any():
                rows.append((label, name, len(both), int(same.sum()), reason, int(held.sum())))
            left = left[~held] if len(left) else left
        if len(left):
            rows.append((label, name, len(both), int(same.sum()), "unexplained", len(left)))
    return pd.DataFrame(rows, columns=COLUMNS)


def matched(
    ours: pd.DataFrame, theirs: pd.DataFrame, on: list[str], label: str, why: dict
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that both have, and a row for the records that only one of both has, with the reason."""
    every = ours.merge(theirs, on=on, suffixes=("", "_P"), how="outer", indicator="IN")
    left = every[every["IN"] != "both"]
    rows = [(label, "(rows)", len(every), len(every) - len(left), "", len(left))]
    for reason, holds in [*why.items(), ("unexplained", lambda d: d["IN"].notna())]:
        held = holds(left).astype(bool) & left["IN"].eq("left_only")
        held = left["IN"].notna() if reason == "unexplained" else held
        if held.any():
            rows.append((*rows[0][:4], reason, int(held.sum())))
        left = left[~held]
    both = every[every["IN"] == "both"].drop(columns="IN")
    return both, pd.DataFrame(rows, columns=COLUMNS)


def compare_adex(adex: pd.DataFrame) -> pd.DataFrame:
    """Intervals of dosing, their days and duration; the published has a row a parameter."""
    theirs = table(ADMIRAL, "adex")
    theirs = theirs[theirs["PARAMCD"] == "DURD"].rename(columns={"AVAL": "DURD"})
    ours = adex[adex["EXTYPE"] == "DOSING"]
    label = "admiral adex"
    both, rows = matched(ours, theirs, ["USUBJID", "ASTDT"], label, {})
    no_end = {
        "the last interval has no end: published takes its start": lambda d: (
            d["AENDT"].eq("") & d["AENDT_P"].eq(d["ASTDT"])
        )
    }
    why = {v: no_end for v in ("AENDT", "AENDY", "DURD")}
    return pd.concat([rows, differences(both, label, ["AENDT", "ASTDY", "AENDY", "DURD"], why)])


def compare_adcm(adsl: pd.DataFrame) -> pd.DataFrame:
    """Concomitant drugs: days with imputation, and what began before the first dose."""
    ours = derive_adcm(pilot.study(), pilot.forms(), adsl)[0]
    source = table(ADMIRAL_SDTM, "cm").iloc[ours["SRCLINE"].astype(int) - 1]
    ours["CMSEQ"] = source["CMSEQ"].to_numpy()
    label = "admiral adcm"
    both, rows = matched(ours, table(ADMIRAL, "adcm"), ["USUBJID", "CMSEQ"], label, {})
    unknown = {
        "the start is not known: taken as before the first dose here": lambda d: d["ASTDT"].eq("")
    }
    names = ["ASTDT", "ASTDTF", "AENDT", "AENDTF", "ASTDY", "AENDY", "PREFL"]
    return pd.concat([rows, differences(both, label, names, {"PREFL": unknown})])


def compare_adtte(adsl: pd.DataFrame, adae: pd.DataFrame) -> pd.DataFrame:
    """Time to the first dermatologic event: the first emergent one of the rows so coded."""
    coded = table(ADAM, "adae")
    coded = coded[coded["CQ01NAM"].notna()]
    named = set(zip(coded["USUBJID"], coded["AESEQ"], strict=True))
    number = table(ADMIRAL_SDTM, "ae")["AESEQ"].iloc[adae["SRCLINE"].astype(int) - 1]
    held = [k in named for k in zip(adae["USUBJID"], number, strict=True)]
    ours = derive_adtte(pilot.study(), pilot.forms(), adsl, adae[held])[0]
    ours = ours[ours["PARAMCD"] == "TTFAE"]
    label = "pilot adtte"
    both, rows = matched(ours, table(ADAM, "adtte"), ["USUBJID"], label, {})
    both = both.merge(adsl[["USUBJID", "EOSDT"]], on="USUBJID")
    last = table(SDTM, "dm").set_index("USUBJID")["RFENDTC"].str[:10]
    # rows that go on from before treatment, by the published flag
    first = coded[coded["TRTEMFL"] == "Y"].groupby("USUBJID")["ASTDT"].min()
    reasons = {
        "censored at the reference end (RFENDTC): the day of the disposition here": lambda d: (
            d["CNSR"].eq(1) & d["ADT_P"].eq(d["USUBJID"].map(last)) & d["ADT"].eq(d["EOSDT"])
        ),
        "goes on from before treatment and is not worse: published looks at the row alone": (
            lambda d: d["CNSR"].eq(0) & d["ADT_P"].eq(d["USUBJID"].map(first))
        ),
    }
    names = ["STARTDT", "CNSR", "ADT", "AVAL"]
    return pd.concat([rows, differences(both, label, names, {"ADT": reasons, "AVAL": reasons})])


def days_between(first: pd.Series, second: pd.Series) -> pd.Series:
    """Days from the first date to the second; NaN where one is missing."""
    a, b = (pd.to_datetime(c.replace("", None)) for c in (first, second))
    return (b - a).dt.days


def subject_level() -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """adsl, adex and adae of the pilot, and what their comparison says."""
    study, clean = pilot.study(), pilot.forms()
    adsl = derive_adsl(study, clean)[0]
    adex = derive_adex(study, clean, adsl)[0]
    adae = derive_adae(study, clean, adsl, adex)[0]
    return compare_adsl(adsl), {"adsl": adsl, "adex": adex, "adae": adae}


def compare_adsl(adsl: pd.DataFrame) -> pd.DataFrame:
    ours = adsl.copy()
    placebo = ours["ARMCD"] == "Pbo"
    ours["CUMDOSE"] = ours["CUMDOSE"].where(~placebo, ours["CUMDOSE"] * 0)
    daily = ours["CUMDOSE"] / ours["TRTDURD"]
    ours["AVGDD"] = [_tenth(v) for v in daily]
    left = table(SDTM, "ds")
    left = left[left["DSCAT"] == "DISPOSITION EVENT"].drop_duplicates("USUBJID", keep="last")
    day = left.set_index("USUBJID")["DSSTDTC"].str[:10]
    no_end = {
        "the last interval has no end: published takes the day of disposition": lambda d: (
            d["TRTEDT"].eq("") & d["TRTEDT_P"].eq(d["USUBJID"].map(day))
        )
    }
    why = {v: no_end for v in ("TRTEDT", "TRTDURD", "CUMDOSE", "AVGDD")}
    screened = {"failed screening: not in the published": lambda d: d["RANDFL"].ne("Y")}
    label = "pilot adsl"
    both, rows = matched(ours, table(ADAM, "adsl"), ["USUBJID"], label, screened)
    names = ["AGE", "SEX", "ARM", "SAFFL", "TRTSDT", "TRTEDT", "TRTDURD", "CUMDOSE", "AVGDD"]
    first = pd.concat([rows, differences(both, label, [*names, "EOSSTT"], why)])
    label = "admiral adsl"
    both, rows = matched(ours, table(ADMIRAL, "adsl"), ["USUBJID"], label, {})
    both = both[both["RANDFL"] == "Y"]
    known = table(SDTM, "ex").groupby("USUBJID")["EXENDTC"].max().str[:10]
    no_end = {
        "the last interval has no end: published takes that of the interval before": lambda d: (
            d["TRTEDT"].eq("") & d["TRTEDT_P"].eq(d["USUBJID"].map(known))
        )
    }
    why = {v: no_end for v in ("TRTEDT", "TRTDURD")}
    names = ["SAFFL", "RANDDT", "TRTSDT", "TRTEDT", "TRTDURD", "EOSDT", "EOSSTT"]
    return pd.concat([first, rows, differences(both, label, names, why)])


def _tenth(value: float) -> float:
    if np.isnan(value):
        return value
    return float(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP))


def compare_adae(adsl: pd.DataFrame, adae: pd.DataFrame) -> pd.DataFrame:
    source = table(ADMIRAL_SDTM, "ae")
    source = source.iloc[adae["SRCLINE"].astype(int) - 1].reset_index(drop=True)
    ours = adae.reset_index(drop=True).drop(columns="AESEQ")
    ours["AESEQ"], ours["AESTDTC"] = source["AESEQ"], source["AESTDTC"]
    dates = adsl[["USUBJID", "TRTSDT", "TRTEDT", "ARMCD"]]
    ours = ours.merge(dates, on="USUBJID")
    begun = ours.groupby("AEGRPID")["ASTDT"].transform("min")
    ours["BEFORE"] = begun < ours["TRTSDT"]
    ours["AESER"] = ours["AESER"].replace("", "N")
    ours["DOSEON"] = ours["DOSEON"].where(ours["ARMCD"] != "Pbo", ours["DOSEON"] * 0)
    keys = ["USUBJID", "AESEQ"]
    year = {
        "only the year is known: published leaves the start missing": lambda d: (
            d["AESTDTC"].str.len().eq(4) & d["ASTDT_P"].eq("")
        )
    }
    same_event = {
        "goes on from before treatment and is not worse: published looks at the row alone": (
            lambda d: d["BEFORE"] & d["TRTEMFL"].eq("") & d["TRTEMFL_P"].eq("Y")
        )
    }
    both, rows = matched(ours, table(ADAM, "adae"), keys, "pilot adae", {})
    why = {"ASTDT": year, "ASTDTF": year, "ASTDY": year, "TRTEMFL": same_event}
    why |= {f: same_event for f in ("AOCCFL", "AOCCSFL", "AOCCPFL")}
    names = ["AEDECOD", "AEBODSYS", "AESER", "ASTDT", "ASTDTF", "AENDT", "ASTDY", "AENDY"]
    names += ["TRTEMFL", "AOCCFL", "AOCCSFL", "AOCCPFL"]
    first = pd.concat([rows, differences(both, "pilot adae", names, why)])
    both, rows = matched(ours, table(ADMIRAL, "adae"), keys, "admiral adae", {})
    open_end = {
        "the last dose is not known: published counts 30 days from the interval before": lambda d: (
            d["TRTEDT"].eq("")
            & d["TRTEMFL"].eq("Y")
            & (days_between(d["TRTEDT_P"], d["ASTDT"]) > 30)
        )
    }
    dose = {
        "after the last dose: 0 mg here, missing in the published": lambda d: (
            d["DOSEON"].eq(0) & d["DOSEON_P"].isna()
        ),
        "before the first dose: missing here": lambda d: d["ASTDT"].lt(d["TRTSDT"]),
    }
    why = {"TRTEMFL": same_event | open_end, "AOCCIFL": open_end, "DOSEON": dose}
    names = ["ASTDT", "ASTDTF", "AENDT", "AENDTF", "ASTDY", "AENDY", "TRTEMFL", "AOCCIFL", "DOSEON"]
    return pd.concat([first, rows, differences(both, "admiral adae", names, why)])


def bds(df: pd.DataFrame, domain: str, code: pd.Series, adsl: pd.DataFrame, **more) -> pd.DataFrame:
    """Rows of a findings domain derived by `derive_bds`, with the domain's sequence number."""
    records = pilot.records(df, domain, code).assign(**more)
    out, _ = derive_bds(records, pilot.study(), adsl, ["ACTOT"] if domain == "qs" else [])
    sequence = f"{domain.upper()}SEQ"
    out[sequence] = df[sequence].iloc[out["SRCLINE"].astype(int) - 1].to_numpy()
    return out


def compare_scores(adsl: pd.DataFrame) -> pd.DataFrame:
    """ADAS-Cog: windows, baseline, change, analysed record, values carried forward."""
    scores = table(SDTM, "qsco")
    ours = bds(scores, "qs", scores["QSTESTCD"], adsl)
    theirs = table(ADAM, "adadas")
    key = ["USUBJID", "PARAMCD", "QSSEQ"]
    # totals that the published dataset replaces are there as LOCF in their own window
    gone = theirs[(theirs["DTYPE"] == "LOCF") & theirs["ANL01FL"].isna()]
    gone = set(zip(gone["USUBJID"], gone["QSSEQ"], strict=True))
    replaced = {
        "a recorded total that published replaces by the one before": lambda d: pd.Series(
            list(zip(d["USUBJID"], d["QSSEQ"], strict=True)), index=d.index
        ).isin(gone)
    }
    label = "pilot adadas"
    observed = theirs[theirs["DTYPE"].isna()]
    both, rows = matched(ours[ours["DTYPE"] == ""], observed, key, label, replaced)
    empty = {"no value: published flags the record all the same": lambda d: d["AVAL"].isna()}
    names = ["ADT", "ADY", "AVISIT", "AWTDIFF", "AVAL", "BASE", "CHG", "PCHG", "ABLFL", "ANL01FL"]
    first = differences(both, label, names, {"ABLFL": empty, "ANL01FL": empty})
    carried = theirs[(theirs["DTYPE"] == "LOCF") & theirs["ANL01FL"].eq("Y")]
    key = ["USUBJID", "PARAMCD", "AVISIT"]
    both, more = matched(ours[ours["DTYPE"] == "LOCF"], carried, key, "pilot locf", {})
    why = {"AVAL": replaced, "CHG": replaced}
    last = differences(both, "pilot locf", ["QSSEQ", "AVAL", "BASE", "CHG"], why)
    return pd.concat([rows, first, more, last])


def compare_vitals(adsl: pd.DataFrame) -> pd.DataFrame:
    signs = table(SDTM, "vs")
    ours = bds(signs, "vs", signs["VSTESTCD"] + "|" + text(signs["VSTPT"]), adsl)
    theirs = table(ADAM, "advs")
    theirs = theirs[theirs["AVISIT"] != "End of Treatment"]
    both, rows = matched(ours, theirs, ["USUBJID", "VSSEQ"], "pilot advs", {})
    at = both[both["VISIT"] == "BASELINE"]
    seen = set(zip(at["USUBJID"], at["PARAMCD"], strict=True))
    none = {
        "measured at screening only: published has a baseline from the baseline visit alone":
            lambda d: ~pd.Series(list(zip(d["USUBJID"], d["PARAMCD"], strict=True)), index=d.index)
            .isin(seen)
    }  # fmt: skip
    early = {
        "on or before the first dose: published has a change there": lambda d: (
            d["POSTFL"].ne("Y") & d["CHG"].isna()
        )
    }
    why = {"BASE": none, "ABLFL": none, "CHG": early | none, "PCHG": early | none}
    names = ["ADT", "ADY", "AVAL", "ABLFL", "BASE", "CHG", "PCHG"]
    return pd.concat([rows, differences(both, "pilot advs", names, why)])


def laboratory(lab: pd.DataFrame, adsl: pd.DataFrame) -> pd.DataFrame:
    unit = text(lab["LBSTRESU"]).replace("GI/L", "10^9/L")
    limits = {"ANRLO": lab["LBSTNRLO"].to_numpy(), "ANRHI": lab["LBSTNRHI"].to_numpy()}
    more = {"AVALCENS": "", "AVALU": unit.to_numpy(), **limits}
    return add_range(bds(lab, "lb", lab["LBTESTCD"], adsl, **more))


def compare_laboratory(adsl: pd.DataFrame, domain: str, name: str) -> pd.DataFrame:
    """Pilot: values against its dataset, range flags against the flag in its SDTM."""
    lab = table(SDTM, domain)
    ours = laboratory(lab, adsl)
    flag = text(lab["LBNRIND"]).iloc[ours["SRCLINE"].astype(int) - 1].to_numpy()
    sdtm = ours.assign(ANRIND_P=np.where(np.isin(flag, ["LOW", "NORMAL", "HIGH"]), flag, ""))
    own = lab.iloc[ours["SRCLINE"].astype(int) - 1]
    own = [pd.to_numeric(own[c], errors="coerce") for c in ("LBORRES", "LBORNRLO", "LBORNRHI")]
    sdtm["REPORTED"] = [range_indicator(*row) for row in zip(*own, strict=True)]
    theirs = table(ADAM, name)
    theirs = theirs[
        ~theirs["PARAMCD"].str.startswith("_") & theirs["AVISIT"].ne("End of Treatment")
    ]
    unused = {
        "glycated haemoglobin, or a visit without planned tests: not in the published": lambda d: (
            d["PARAMCD"].eq("HBA1C")
            | d["VISIT"].isin(["BASELINE", "RETRIEVAL", "AMBUL ECG REMOVAL"])
        )
    }
    both, rows = matched(ours, theirs, ["USUBJID", "LBSEQ"], f"pilot {name}", unused)
    for flag in ("ANRIND", "BNRIND"):
        both[f"{flag}_P"] = both[f"{flag}_P"].map(_WORDS)
    wide = zip(both["AVAL"], 0.5 * both["ANRLO"], 1.5 * both["ANRHI"], strict=True)
    both["WIDE"] = [range_indicator(*row) for row in wide]
    first = both[both["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])
    keys = pd.MultiIndex.from_frame(both[["USUBJID", "PARAMCD"]])
    both["BVISIT"] = first["VISIT"].reindex(keys).to_numpy()
    both["BWIDE"] = first["WIDE"].reindex(keys).to_numpy()
    screening = {
        "an unscheduled test before the first dose: published keeps that of screening": lambda d: (
            d["BVISIT"].astype(str).str.startswith("UNSCHEDULED") | d["BVISIT"].isna()
        )
    }
    early = {
        "on or before the first dose: published has a change there": lambda d: (
            d["POSTFL"].ne("Y") & d["CHG"].isna()
        )
    }
    nothing = {
        "no value, or no range: none here": lambda d: (
            d["AVAL"].isna() | (d["ANRLO"].isna() & d["ANRHI"].isna())
        )
    }
    reported = {
        "beyond the limit by rounding in the conversion; published flags the reported unit": (
            lambda d: d["REPORTED"].eq(d["ANRIND_P"])
        ),
        "no value: none here": lambda d: d["AVAL"].isna(),
    }
    wide_limits = {
        "published takes limits of half the lower and 1.5 times the upper": lambda d: d["WIDE"].eq(
            d["ANRIND_P"].fillna("")
        )
    }
    wide_base = {
        "published takes limits of half the lower and 1.5 times the upper": lambda d: (
            d["BWIDE"].fillna("").eq(d["BNRIND_P"].fillna(""))
        )
    }
    why = {"BASE": screening, "ABLFL": screening, "CHG": early | screening}
    why |= {"ANRIND": nothing | wide_limits, "BNRIND": nothing | wide_base | screening}
    names = ["ADT", "ADY", "AVAL", "ABLFL", "BASE", "CHG", "ANRIND", "BNRIND"]
    found = differences(both, f"pilot {name}", names, why)
    return pd.concat(
        [rows, found, differences(sdtm, f"pilot {domain}", ["ANRIND"], {"ANRIND": reported})]
    )


def compare_admiral_laboratory(adsl: pd.DataFrame) -> pd.DataFrame:
    lab, theirs = table(ADMIRAL_SDTM, "lb"), table(ADMIRAL, "adlb")
    observed = theirs[theirs["DTYPE"].isna()]
    label = "admiral adlb"
    both, rows = matched(laboratory(lab, adsl), observed, ["USUBJID", "LBSEQ"], label, {})
    both["ATOXDSC"] = text(both["ATOXDSCL"]) + ";" + text(both["ATOXDSCH"])
    renamed = {f"{v}{e}": f"{v}{e}_P" for v in ("ATOXGR", "BTOXGR") for e in ("L", "H", "")}
    both = both.rename(columns={**renamed, "SHIFT2": "SHIFT2_P"})
    for column in renamed.values():
        both[column] = both[column].astype(float)
    both = add_grades(both, "4")
    # the published sign of a grade is minus where the value is too low
    for column in ("ATOXGR", "BTOXGR"):
        both[column] = both[column].where(~(both[f"{column}L"] >= 1), -both[f"{column}L"])
    told = zip(both["BTOXGR"], both["ATOXGR"], strict=True)
    both["SHIFT2"] = [f"{b:.0f} to {a:.0f}" if b == b and a == a else "" for b, a in told]
    both["ONTRTFL"] = both["ONTRTFL"].astype(str)
    computed = {
        "published also has the baseline of a count computed from the differential": lambda d: (
            d["BASE"].isna() & d["PARAMCD"].isin(["BASO", "LYM"])
        )
    }
    early = {
        "on or before the first dose: published has a change there": lambda d: (
            d["POSTFL"].ne("Y") & d["CHG"].isna()
        )
    }
    shift = {
        "before the first dose: no shift here": lambda d: d["POSTFL"].ne("Y"),
        "one of both has no range: published says NULL": lambda d: d["SHIFT1_P"].str.contains(
            "NULL"
        ),
    }
    before = {
        "before the first dose: graded by the range, published against the baseline": lambda d: d[
            "POSTFL"
        ].ne("Y")
    }
    ended = {
        "the day after the last dose: on treatment here": lambda d: (
            d["ONTRTFL"].eq("Y") & (days_between(d["TRTEDT"], d["ADT"]) == 1)
        ),
        "the last dose is not known: on treatment here": lambda d: (
            d["ONTRTFL"].eq("Y") & d["TRTEDT"].eq("")
        ),
    }
    unit = {
        "haemoglobin in mmol/L: no criteria in that unit in the published": lambda d: (
            d["PARAMCD"].eq("HGB") & d["AVALU"].eq("mmol/L")
        )
    }
    why = {"BASE": computed, "CHG": early | computed, "PCHG": early | computed, "SHIFT1": shift}
    why |= {"ATOXGRH": before, "ATOXGRL": unit, "BTOXGRL": unit | computed, "ONTRTFL": ended}
    null = {
        "one of both is not graded: published says NULL": lambda d: d["SHIFT2_P"].str.contains(
            "NULL", na=False
        )
    }
    why |= {"ATOXGR": unit | before, "BTOXGR": unit | computed}
    why |= {"SHIFT2": unit | computed | null | before}
    names = ["ADT", "ADY", "AVAL", "ABLFL", "BASE", "CHG", "PCHG", "ANRIND", "BNRIND", "SHIFT1"]
    names += ["ATOXGRL", "ATOXGRH", "BTOXGRL", "BTOXGRH", "ATOXGR", "BTOXGR", "SHIFT2", "ONTRTFL"]
    return pd.concat([rows, differences(both, label, names, why)])


def everything() -> pd.DataFrame:
    """All comparisons."""
    first, made = subject_level()
    adsl = made["adsl"]
    return pd.concat(
        [
            first,
            compare_adex(made["adex"]),
            compare_adtte(adsl, made["adae"]),
            compare_adcm(adsl),
            compare_adae(adsl, made["adae"]),
            compare_scores(adsl),
            compare_vitals(adsl),
            compare_laboratory(adsl, "lbch", "adlbc"),
            compare_laboratory(adsl, "lbhe", "adlbh"),
            compare_admiral_laboratory(adsl),
        ],
        ignore_index=True,
    )


def main() -> None:
    """Print agreement by variable, and below it what explains the differences."""
    for row in everything().itertuples(index=False):
        if row.WHY:
            print(f"{'':37}{row.DIFFER:6}  {row.WHY}")
        else:
            share = 100 * row.EQUAL / row.ROWS
            line = f"{row.PUBLISHED:16}{row.VARIABLE:10}{row.EQUAL:6} of {row.ROWS:6}"
            print(f"{line}{share:9.3f} %")


if __name__ == "__main__":
    main()
