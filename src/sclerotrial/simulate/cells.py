"""Cells of the exports, for what is to be made wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sclerotrial.simulate import crf, dictionary, laboratory
from sclerotrial.simulate.key import Defect
from sclerotrial.simulate.sheet import Sheet
from sclerotrial.simulate.truth import Truth

Row = dict[str, str]
VISIT_OF = {v: k for k, v in dictionary.EVENTS.items()}


@dataclass
class Context:
    """The sheets, whom they describe, and the cells already made wrong."""

    truth: Truth
    sheets: dict[str, Sheet]
    used: set[tuple[int, str]] = field(default_factory=set)
    gone: list[Row] = field(default_factory=list)  # rows taken out: what is used goes by identity

    def __post_init__(self) -> None:
        self.of = {s.id: s for s in self.truth.subjects}
        self.sampled = {
            (s.id, when.strftime("%d/%m/%Y")): visit
            for s in self.truth.subjects
            for visit, when in laboratory.samplings(s).items()
        }

    def crf(self, *events: str) -> list[Row]:
        """Rows of the export at the named visits (all event rows when none is named)."""
        names = {dictionary.EVENTS[e] for e in events}
        return [
            r
            for r in self.sheets[crf.PATH].rows
            if r["record_id"] in self.of and (not names or r["redcap_event_name"] in names)
        ]

    def repeats(self, form: str) -> list[Row]:
        """Rows of a repeating instrument."""
        return [r for r in self.crf("Logs") if r.get("redcap_repeat_instrument") == form]

    def lab(self, *tests: str) -> list[Row]:
        """Lines of the laboratory list away from screening, baseline, month 3 and month 6."""
        spared = ("Screening", "Baseline", "Month 3", "Month 6", "Early termination")
        return [
            r
            for r in self.sheets[laboratory.PATH].rows
            if (not tests or r["test"] in tests)
            and self.sampled.get((r["patient"], r["date"]), "Baseline") not in spared
        ]

    def in_crf(
        self,
        kind: str,
        row: Row,
        name: str,
        raw: str,
        expected: str,
        note: str = "",
        truth: str | None = None,
    ) -> Defect:
        """Write a cell of the export and say so.

        Parameters
        ----------
        kind : str
            Of the defect.
        row : dict
            The row of the sheet, changed in place.
        name, raw : str
            Column and what is written there.
        expected : str
            What the cleaning should do with it.
        note, truth : str, optional
            A remark, and the true value where it is not what stood there.
        """
        was, row[name] = row.get(name, ""), raw
        visit = VISIT_OF[row["redcap_event_name"]]
        return Defect(
            kind,
            crf.PATH,
            name,
            row["record_id"],
            "" if visit == "Logs" else visit,
            raw,
            was if truth is None else truth,
            expected,
            row,
            note=note,
        )

    def in_lab(
        self,
        kind: str,
        row: Row,
        name: str,
        raw: str,
        expected: str,
        truth: str | None = None,
        note: str = "",
    ) -> Defect:
        """Write a cell of the laboratory list and say so.

        Parameters
        ----------
        kind, row, name, raw, expected, note, truth
            As of `in_crf`.
        """
        subject, visit = row["patient"], self.sampled[(row["patient"], row["date"])]
        was, row[name] = row[name], raw
        return Defect(
            kind,
            laboratory.PATH,
            name,
            subject,
            visit,
            raw,
            was if truth is None else truth,
            expected,
            row,
            note=note,
        )

    def in_sheet(self, kind: str, path: str, row: Row, name: str, raw: str, subject: str) -> Defect:
        """Write a cell of another sheet and say so; the cleaning should ask about it.

        Parameters
        ----------
        kind, row, name, raw
            As of `in_crf`.
        path : str
            Of the sheet.
        subject : str
            Whom the row is about.
        """
        was, row[name] = row.get(name, ""), raw
        return Defect(kind, path, name, subject, "", raw, was, "query", row)
