"""The page of fields names every field that a derivation asks a form for."""

from __future__ import annotations

import csv
import re

from sclerotrial.instruments import haq, mrss

FIELD = re.compile(
    r'"((?:ae|cm|ds|ex|da|elig|rand|visit|consent|mtx|onset|antibodies|organs|ref|sample)_\w+)"'
)
#: words of these forms that are no fields of them
NOT_FIELDS = {"visit_log", "sample_twice"}


def test_the_page_of_fields_names_all_that_derivations_ask_for(root):
    page = (root / "docs/fields.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_0-9]+)`", page))
    asked = set()
    for path in (root / "src/sclerotrial/derive").glob("*.py"):
        asked |= set(FIELD.findall(path.read_text(encoding="utf-8")))
    assert {"consent_date", "ae_grade", "ex_freq", "ds_reason"} <= asked
    assert asked - told - NOT_FIELDS == set()


def test_the_page_of_fields_explains_every_code(root):
    page = (root / "docs/fields.md").read_text(encoding="utf-8")
    with (root / "src/sclerotrial/derive/codes.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["VALUE"]]
    for row in rows:
        cell = re.search(rf"`{row['FIELD']}`\** \(([^)]*)", page)
        assert cell and re.search(rf"\b{row['CODE']}\b", cell.group(1)), row


def test_the_page_of_fields_has_the_items_of_the_instruments(root):
    page = (root / "docs/fields.md").read_text(encoding="utf-8")
    stems = {re.sub(r"_[rl]$", "", a["FIELD"]) for a in mrss.areas()}
    stems |= {f"{i['FIELD'].rsplit('_', 1)[0]}_1" for i in haq.items()}
    stems |= {f"{s['FIELD'].split('___')[0]}___1" for s in haq.support()}
    assert [s for s in sorted(stems) if f"`{s}`" not in page] == []
