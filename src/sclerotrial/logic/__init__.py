"""The logic language of REDCap: conditions and calculations on the fields of a record.

Written from the public descriptions of the language: the list of special functions that REDCap
shows beside its editor (as retold in the REDCap knowledge base articles RC-CALC-01 "Special
Functions Reference", RC-BL-02 "Branching Logic: Syntax & Atomic Statements" and RC-PIPE-03 "Smart
Variables"), and the notes on date differences of ccts-bsc.netlify.app. Where these are silent the
decision is told in the docstring of the function concerned, with the word 'decided'.

- `parse` reads a text to a tree, or says where it cannot;
- `Expression.over` evaluates it for many rows, once for each distinct set of values;
- `Records` finds the values that references point to: other forms, events and instances.

Nothing of a text is ever executed.
"""

from __future__ import annotations

from sclerotrial.logic.evaluate import Expression
from sclerotrial.logic.records import Records
from sclerotrial.logic.syntax import LogicError, Ref, parse
from sclerotrial.logic.values import UNKNOWN, MissingCode, truth

__all__ = [
    "UNKNOWN", "Expression", "LogicError", "MissingCode", "Records", "Ref", "parse", "truth",
]  # fmt: skip
