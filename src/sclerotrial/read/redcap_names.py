"""Columns that REDCap adds to every export, and what it writes in them."""

from __future__ import annotations

EVENT = "redcap_event_name"
REPEAT_FORM = "redcap_repeat_instrument"
REPEAT_NO = "redcap_repeat_instance"
GROUP = "redcap_data_access_group"
SURVEY = "redcap_survey_identifier"
#: of a row: its event, the instrument that repeats, its number
KEYS = (EVENT, REPEAT_FORM, REPEAT_NO)
#: all of them; the survey identifier and record link are dropped as identifying
SYSTEM = frozenset([*KEYS, GROUP, SURVEY, "redcap_record_link"])
#: what stands in place of the time stamp of a survey that was begun and not sent
NOT_COMPLETED = "[not completed]"
