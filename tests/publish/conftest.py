"""A small folder of results, written by hand, with its list of checksums."""

import pytest

from sclerotrial.publish.manifest import write_manifest

CLAIMS = """\
TEXT,EXPECTED,FOUND,VERDICT,ORIGIN,ID
Mean skin score,31.1; 29.4,31.1; 29.4; p = 0.289,reproduced,calibrated,mrss_all
Ten were enrolled,10,10,reproduced,calibrated,enrolled
"""
ARD = """\
ID,STAT,VALUE,TEXT,N,METHOD,CONVENTION,P_ADJ,NOTE
efficacy.mrss.month6.mean,mean,29.375,29.4,8,,,,
efficacy.mrss.month6.sd,sd,7.25,7.3,8,,,,
efficacy.mrss.change.p,p,0.2890625,0.289,8,sign-flip,far-tail sum,0.5781,
efficacy.haq.change.p,p,0.0002,<0.001,8,sign-flip,far-tail sum,0.0004,
feasibility.enrolled.count,count,10,10,10,,,,
lab.crp.month6.mean,mean,,,1,,,,one patient
"""
QUERIES = """\
QUERYID,RULE,RAW,STATUS
Q-1,range,51,open
Q-2,date,2010-13-01,open
"""
FILES = {
    "adam/adsl.csv": "USUBJID,AGE\nIM01,44\nIM02,51\n",
    "ard.csv": ARD,
    "claims.csv": CLAIMS,
    "figures/skin.svg": "<svg>1</svg>\n",
    "queries.csv": QUERIES,
    "findings/clean.csv": "no result of its own\n",
    "logs/x.log": "not a result\n",
}


@pytest.fixture
def results(tmp_path):
    """Two claims, six numbers, five files listed; what lies in findings/ is not listed."""
    folder = tmp_path / "results"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    write_manifest(folder, [n for n in FILES if n.split("/")[0] not in ("findings", "logs")])
    return folder
