"""The rules of ``forms.yaml``: conditions on records, in the logic language of REDCap."""

from __future__ import annotations

from sclerotrial.clean.judge import Found, Judge, told_rows
from sclerotrial.errors import Problem
from sclerotrial.logic import LogicError


def rules(judge: Judge) -> tuple[Found, list[Problem]]:
    """The rules of forms.yaml: a finding for each record in which one does not hold.

    Returns
    -------
    (findings, problems)
        Problems name what a rule refers to and the export does not have.
    """
    found: Found = []
    problems: list[Problem] = []
    for rule in judge.study.forms.rules:
        at = f"forms.yaml, key rules, id {rule.id}"
        if rule.form not in judge.clean:
            continue
        table = judge.clean[rule.form]
        boxes = f"{rule.field}___"
        if rule.field not in table and not any(c.startswith(boxes) for c in table):
            problems.append(
                Problem(
                    f"The form {rule.form!r} has no field {rule.field!r}",
                    f"{at}, field",
                    "Name the field of the form that the query is about",
                )
            )
            continue
        try:
            asked = judge.holds(rule.when, rule.form) if rule.when else [True] * len(table)
            good = judge.holds(rule.must, rule.form)
        except LogicError as error:
            problems.append(
                Problem(
                    f"The rule cannot be evaluated: {error.what}",
                    at,
                    "Use fields of the forms: [field], [event][field] or [form.field]",
                )
            )
            continue
        both = zip(asked, good, strict=True)
        wrong = [i for i, (a, g) in enumerate(both) if a is True and g is False]
        found += told_rows(
            judge,
            rule.form,
            rule.field,
            wrong,
            rule=rule.id,
            severity=rule.severity,
            message=rule.message,
        )
    return found, problems
