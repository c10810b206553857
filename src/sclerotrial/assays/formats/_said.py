"""What a file says of its own trustworthiness: rows beside its readings, one a kind of finding.

Such a row has TASK ``RUN``, QUANTITY ``said``, the name of its check and its verdict in FLAGS, its
words in TEXT and, where several are told together, their number in VALUE. `run_said` makes
quality rows of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from sclerotrial.assays.formats._common import COLUMNS

RUN, SAID = "RUN", "said"
#: findings of a kind that are told one by one
_ONE_BY_ONE = 3
_PLACES = 6
_CODE = re.compile(r"[\w./+-]{1,24}", re.A)


@dataclass(frozen=True)
class Finding:
    """Something that a file says of itself.

    Attributes
    ----------
    check : str
        Name of the quality row: calibration, lot_expired, lot_expiry, instrument_warning, ...
    verdict : {'fail', 'note'}
    text : str
        What was seen and why it matters; no free text of the file.
    line : int
        Where it stands.
    count : int
        Of how many it is the sum, 0 for one.
    """

    check: str
    verdict: str
    text: str
    line: int
    count: int = 0


def with_findings(table: pd.DataFrame, findings: Iterable[Finding], name: str) -> pd.DataFrame:
    """The readings of a file with its findings, of a kind that is frequent one row with a count."""
    rows = []
    by_kind: dict[tuple[str, str], list[Finding]] = {}
    for f in dict.fromkeys(findings):
        by_kind.setdefault((f.check, f.verdict), []).append(f)
    for (check, verdict), some in by_kind.items():
        single = [f for f in some if not f.count]
        if len(single) > _ONE_BY_ONE:
            more = f"; so {len(single)} times, lines {_some(str(f.line) for f in single)}"
            one = Finding(check, verdict, single[0].text + more, single[0].line, len(single))
            some = [one, *(f for f in some if f.count)]
        rows += [
            dict.fromkeys(COLUMNS, "") | {
                "TASK": RUN, "QUANTITY": SAID, "VALUE": str(f.count) if f.count else "",
                "TEXT": f.text, "FLAGS": f"{check} {verdict}", "FILE": name, "LINE": str(f.line)}
            for f in some
        ]  # fmt: skip
    if not rows:
        return table
    more = pd.DataFrame(rows, columns=COLUMNS).astype(table.dtypes.to_dict())
    return pd.concat([table, more], ignore_index=True)


def places(wells: Iterable[str]) -> str:
    """Wells in the order seen, each once; what is no well is not shown."""
    return _some(w if re.fullmatch(r"(\w+:)?[A-Z]{1,2}\d{1,2}", w) else "[masked]" for w in wells)


def code(text: str) -> str:
    """A number of a lot or a word of the software; anything longer may be free text."""
    return text if _CODE.fullmatch(text) else "[masked]"


def _some(items: Iterable[str]) -> str:
    items = list(dict.fromkeys(items))
    more = f" and {len(items) - _PLACES} more" if len(items) > _PLACES else ""
    return ", ".join(items[:_PLACES]) + more
