"""Small exports of several systems, made from scratch: two subjects, a weight, an event log."""

from __future__ import annotations

import io
import zipfile

OPENCLINICA = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"
     xmlns:OpenClinica="http://www.openclinica.org/ns/odm_ext_v130/v3.1"
     ODMVersion="1.3" FileOID="F1" FileType="Snapshot" CreationDateTime="2010-01-01T00:00:00">
<Study OID="S_T">
 <GlobalVariables><StudyName>T</StudyName><StudyDescription>t</StudyDescription>
  <ProtocolName>T</ProtocolName></GlobalVariables>
 <BasicDefinitions>
  <MeasurementUnit OID="MU_KG" Name="kg"><Symbol><TranslatedText>kg</TranslatedText></Symbol>
  </MeasurementUnit>
  <MeasurementUnit OID="MU_LB" Name="lb"><Symbol><TranslatedText>lb</TranslatedText></Symbol>
  </MeasurementUnit>
 </BasicDefinitions>
 <MetaDataVersion OID="v1.0.0" Name="v1">
  <StudyEventDef OID="SE_BASE" Name="Baseline" Repeating="No" Type="Scheduled">
   <FormRef FormOID="F_VS" Mandatory="No"/></StudyEventDef>
  <StudyEventDef OID="SE_VISIT" Name="Visit" Repeating="Yes" Type="Scheduled">
   <FormRef FormOID="F_VS" Mandatory="No"/></StudyEventDef>
  <FormDef OID="F_VS" Name="Vitals" Repeating="No">
   <ItemGroupRef ItemGroupOID="IG_VS_U" Mandatory="No"/>
   <ItemGroupRef ItemGroupOID="IG_VS_AE" Mandatory="No"/></FormDef>
  <ItemGroupDef OID="IG_VS_U" Name="Ungrouped" Repeating="No">
   <ItemRef ItemOID="I_VS_WEIGHT" Mandatory="No"/><ItemRef ItemOID="I_VS_SEX" Mandatory="No"/>
   <ItemRef ItemOID="I_VS_INITIALS" Mandatory="No"/></ItemGroupDef>
  <ItemGroupDef OID="IG_VS_AE" Name="AE" Repeating="Yes">
   <ItemRef ItemOID="I_VS_TERM" Mandatory="No"/></ItemGroupDef>
  <ItemDef OID="I_VS_WEIGHT" Name="WEIGHT" DataType="float" Length="8">
   <Question><TranslatedText>Body weight</TranslatedText></Question>
   <MeasurementUnitRef MeasurementUnitOID="MU_KG"/><MeasurementUnitRef MeasurementUnitOID="MU_LB"/>
   <RangeCheck Comparator="GE" SoftHard="Soft"><CheckValue>30</CheckValue></RangeCheck>
   <RangeCheck Comparator="LE" SoftHard="Soft"><CheckValue>250</CheckValue></RangeCheck></ItemDef>
  <ItemDef OID="I_VS_SEX" Name="SEX" DataType="text" Length="1">
   <CodeListRef CodeListOID="CL_1"/></ItemDef>
  <ItemDef OID="I_VS_INITIALS" Name="INITIALS" DataType="text" Length="3"/>
  <ItemDef OID="I_VS_TERM" Name="TERM" DataType="text" Length="99"/>
  <CodeList OID="CL_1" Name="sex" DataType="text">
   <CodeListItem CodedValue="m"><Decode><TranslatedText>male</TranslatedText></Decode></CodeListItem>
   <CodeListItem CodedValue="f"><Decode><TranslatedText>female</TranslatedText></Decode>
   </CodeListItem></CodeList>
 </MetaDataVersion>
</Study>
<ClinicalData StudyOID="S_T" MetaDataVersionOID="v1.0.0">
<SubjectData SubjectKey="SS_1" OpenClinica:StudySubjectID="S01" OpenClinica:DateOfBirth="1950-02-03">
<StudyEventData StudyEventOID="SE_BASE" OpenClinica:Status="completed">
<FormData FormOID="F_VS" OpenClinica:Version="v1">
<ItemGroupData ItemGroupOID="IG_VS_U" ItemGroupRepeatKey="1" TransactionType="Insert">
<ItemData ItemOID="I_VS_WEIGHT" Value="70.5"><MeasurementUnitRef MeasurementUnitOID="MU_KG"/></ItemData>
<ItemData ItemOID="I_VS_SEX" Value="f"/>
<ItemData ItemOID="I_VS_INITIALS" Value="ZQX"/>
</ItemGroupData>
<ItemGroupData ItemGroupOID="IG_VS_AE" ItemGroupRepeatKey="1"><ItemData ItemOID="I_VS_TERM" Value="nausea"/></ItemGroupData>
<ItemGroupData ItemGroupOID="IG_VS_AE" ItemGroupRepeatKey="2"><ItemData ItemOID="I_VS_TERM" Value="rash"/></ItemGroupData>
</FormData></StudyEventData>
<StudyEventData StudyEventOID="SE_VISIT" StudyEventRepeatKey="2"><FormData FormOID="F_VS">
<ItemGroupData ItemGroupOID="IG_VS_U" ItemGroupRepeatKey="1">
<ItemData ItemOID="I_VS_WEIGHT" Value="154"><MeasurementUnitRef MeasurementUnitOID="MU_LB"/></ItemData>
<ItemData ItemOID="I_VS_SEX" IsNull="Yes"/>
</ItemGroupData></FormData></StudyEventData>
</SubjectData>
<SubjectData SubjectKey="SS_2" OpenClinica:StudySubjectID="S02">
<StudyEventData StudyEventOID="SE_BASE"><FormData FormOID="F_VS">
<ItemGroupData ItemGroupOID="IG_VS_U" ItemGroupRepeatKey="1">
<ItemDataFloat ItemOID="I_VS_WEIGHT">81</ItemDataFloat>
</ItemGroupData></FormData></StudyEventData>
</SubjectData>
</ClinicalData>
</ODM>
"""  # noqa: E501

REDCAP_XML = """<?xml version="1.0" encoding="UTF-8" ?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org"
 ODMVersion="1.3.1" FileOID="0" FileType="Snapshot" SourceSystem="REDCap" SourceSystemVersion="13.1.0">
<Study OID="Project.T">
<GlobalVariables><StudyName>T</StudyName><StudyDescription>t</StudyDescription><ProtocolName>T</ProtocolName>
<redcap:MissingDataCodes>-99, Not done | UNK, Unknown</redcap:MissingDataCodes>
<redcap:RepeatingInstrumentsAndEvents><redcap:RepeatingInstruments>
<redcap:RepeatingInstrument redcap:UniqueEventName="logs_arm_1" redcap:RepeatInstrument="events" redcap:CustomLabel=""/>
</redcap:RepeatingInstruments></redcap:RepeatingInstrumentsAndEvents></GlobalVariables>
<MetaDataVersion OID="M" Name="T" redcap:RecordIdField="record_id">
<StudyEventDef OID="Event.screening_arm_1" Name="Screening (Arm 1: Arm 1)" Type="Common" Repeating="No"
 redcap:UniqueEventName="screening_arm_1"><FormRef FormOID="Form.demo" Mandatory="No" redcap:FormName="demo"/></StudyEventDef>
<StudyEventDef OID="Event.logs_arm_1" Name="Logs (Arm 1: Arm 1)" Type="Common" Repeating="No"
 redcap:UniqueEventName="logs_arm_1"><FormRef FormOID="Form.events" Mandatory="No" redcap:FormName="events"/></StudyEventDef>
<FormDef OID="Form.demo" Name="Demography" Repeating="No" redcap:FormName="demo">
<ItemGroupRef ItemGroupOID="demo.record_id" Mandatory="No"/></FormDef>
<FormDef OID="Form.events" Name="Events" Repeating="No" redcap:FormName="events">
<ItemGroupRef ItemGroupOID="events.term" Mandatory="No"/></FormDef>
<ItemGroupDef OID="demo.record_id" Name="Demography" Repeating="No">
<ItemRef ItemOID="record_id" Mandatory="No" redcap:Variable="record_id"/>
<ItemRef ItemOID="first_name" Mandatory="No" redcap:Variable="first_name"/>
<ItemRef ItemOID="sex" Mandatory="No" redcap:Variable="sex"/>
<ItemRef ItemOID="organs___1" Mandatory="No" redcap:Variable="organs"/>
<ItemRef ItemOID="organs___2" Mandatory="No" redcap:Variable="organs"/>
<ItemRef ItemOID="demo_complete" Mandatory="No" redcap:Variable="demo_complete"/></ItemGroupDef>
<ItemGroupDef OID="events.term" Name="Events" Repeating="No">
<ItemRef ItemOID="term" Mandatory="No" redcap:Variable="term"/>
<ItemRef ItemOID="events_complete" Mandatory="No" redcap:Variable="events_complete"/></ItemGroupDef>
<ItemDef OID="record_id" Name="record_id" DataType="text" redcap:Variable="record_id" redcap:FieldType="text"/>
<ItemDef OID="first_name" Name="first_name" DataType="text" redcap:Variable="first_name" redcap:FieldType="text" redcap:Identifier="y"/>
<ItemDef OID="sex" Name="sex" DataType="text" redcap:Variable="sex" redcap:FieldType="radio"><CodeListRef CodeListOID="sex.choices"/></ItemDef>
<ItemDef OID="organs___1" Name="organs___1" DataType="boolean" redcap:Variable="organs" redcap:FieldType="checkbox"><CodeListRef CodeListOID="organs.choices"/></ItemDef>
<ItemDef OID="organs___2" Name="organs___2" DataType="boolean" redcap:Variable="organs" redcap:FieldType="checkbox"><CodeListRef CodeListOID="organs.choices"/></ItemDef>
<ItemDef OID="demo_complete" Name="demo_complete" DataType="text" redcap:Variable="demo_complete" redcap:FieldType="select"/>
<ItemDef OID="term" Name="term" DataType="text" redcap:Variable="term" redcap:FieldType="text"/>
<ItemDef OID="events_complete" Name="events_complete" DataType="text" redcap:Variable="events_complete" redcap:FieldType="select"/>
<CodeList OID="sex.choices" Name="sex" DataType="text" redcap:Variable="sex">
<CodeListItem CodedValue="1"><Decode><TranslatedText>Male</TranslatedText></Decode></CodeListItem>
<CodeListItem CodedValue="2"><Decode><TranslatedText>Female</TranslatedText></Decode></CodeListItem></CodeList>
<CodeList OID="organs.choices" Name="organs" DataType="boolean" redcap:Variable="organs" redcap:CheckboxChoices="1, Lung | 2, Heart, right">
<CodeListItem CodedValue="1"><Decode><TranslatedText>Checked</TranslatedText></Decode></CodeListItem></CodeList>
</MetaDataVersion></Study>
<ClinicalData StudyOID="Project.T" MetaDataVersionOID="M">
<SubjectData SubjectKey="S01" redcap:RecordIdField="record_id">
<StudyEventData StudyEventOID="Event.screening_arm_1" StudyEventRepeatKey="1" redcap:UniqueEventName="screening_arm_1">
<FormData FormOID="Form.demo" FormRepeatKey="1"><ItemGroupData ItemGroupOID="demo.record_id" ItemGroupRepeatKey="1">
<ItemData ItemOID="record_id" Value="S01"/><ItemData ItemOID="first_name" Value="Zwentibold"/><ItemData ItemOID="sex" Value="2"/>
<ItemData ItemOID="organs___1" Value="1"/><ItemData ItemOID="organs___2" Value="0"/><ItemData ItemOID="demo_complete" Value="2"/>
</ItemGroupData></FormData></StudyEventData>
<StudyEventData StudyEventOID="Event.logs_arm_1" StudyEventRepeatKey="1" redcap:UniqueEventName="logs_arm_1">
<FormData FormOID="Form.events" FormRepeatKey="1"><ItemGroupData ItemGroupOID="events.term" ItemGroupRepeatKey="1">
<ItemData ItemOID="term" Value="headache"/><ItemData ItemOID="events_complete" Value="2"/></ItemGroupData></FormData>
<FormData FormOID="Form.events" FormRepeatKey="2"><ItemGroupData ItemGroupOID="events.term" ItemGroupRepeatKey="1">
<ItemData ItemOID="term" Value="nausea"/><ItemData ItemOID="events_complete" Value="0"/></ItemGroupData></FormData>
</StudyEventData></SubjectData>
</ClinicalData></ODM>
"""  # noqa: E501

_OPTIONS = (
    "<html><head><title>x</title></head><body><table><tr><td>Export options</td></tr>"
    "<tr><td>UTF-8</td></tr><tr><td>English number format (decimal sign = &quot;.&quot;)</td></tr>"
    "<tr><td>secuTrial</td><td>5.5.1.10, 2019</td></tr></table></body></html>"
)


def secutrial(*, encoding: str = "utf-8", named: bool = True) -> bytes:
    """An export of secuTrial: two forms, a plan of two visits with one label, a code list."""

    def table(*rows: tuple[str, ...], header: bool = True) -> bytes:
        kept = rows if named or not header else rows[1:]
        lines = ["\t".join(f'"{c}"' for c in (*row, "")) for row in kept]
        return ("\n".join(lines) + "\n" if lines else "").encode(encoding)

    meta = ("mnpdocid", "mnplastedit", "mnpptnid", "mnpvisid", "mnpcvpid", "mnpvisno", "mnpvispdt",
            "mnpvisfdt")  # fmt: skip
    moment = "2019-04-30 13:46:49"

    def visit(pid: str, doc: str, vis: str, no: str, day: str, *cells: str) -> tuple[str, ...]:
        return (pid, doc, moment, "381", vis, "9" + doc, no, day, moment, *cells)

    files = {
        "ExportOptions.html": _OPTIONS.replace("UTF-8", encoding.upper()).encode(),
        "vp.xls": table(
            (
                "mnpvisid",
                "visitnumber",
                "visittype",
                "previsid",
                "visitday",
                "minusoffset",
                "plusoffset",
                "mnpvislabel",
                "mnpvsno",
                "mnpvslbl",
            ),
            ("71", "10", "1", "", "0", "", "", "|  Aufnahme  |", "", ""),
            ("72", "20", "1", "71", "30", "", "", "|  Nachschau  |", "", ""),
        ),  # fmt: skip
        "fs.xls": table(
            (
                "formid",
                "formtablename",
                "formname",
                "formfamily",
                "sequence",
                "mnpvsno",
                "mnpvslbl",
            ),
            ("1", "mnpabc01vitals", "Körpermaße", "Visits", "10", "", ""),
        ),  # fmt: skip
        "qs.xls": table(
            (
                "fgid",
                "formid",
                "formtablename",
                "formname",
                "sequence",
                "fglabel",
                "subformtablename",
            ),
            ("5", "1", "mnpabc01vitals", "Körpermaße", "10", "Maße", ""),
        ),  # fmt: skip
        "is.xls": table(
            ("ffid", "fgid", "sequence", "ffcolname", "itemtype", "fflabel", "unit", "lookuptable"),
            ("11", "5", "10", "weight", "Zahl 3,1", "Gewicht", "kg", ""),
            ("12", "5", "20", "vs_date", "Vollständiges Datum (tt.mm.jjjj)", "Datum", "", ""),
            ("13", "5", "30", "sex", "Horizontal Radiobutton", "Geschlecht", "", ""),
        ),
        "cn.xls": table(
            (
                "mnppid",
                "mnpaid",
                "mnpcnptnid",
                "mnpctrid",
                *(f"mnpcs{i}" for i in range(8)),
                "mnpvisstartdate",
            ),
            ("1204", "S01", "381", "4", *("0",) * 8, "2019-04-01"),
            ("1205", "S02", "381", "4", *("0",) * 8, "2019-04-02"),
        ),  # fmt: skip
        "cl.xls": table(
            ("column", "code", "value"),
            ("mnpabc01vitals.sex", "1", "männlich"),
            ("mnpabc01vitals.sex", "2", "weiblich"),
        ),  # fmt: skip
        "vitals.xls": table(
            ("mnppid", *meta, "weight", "vs_date", "sex"),
            visit("1204", "180", "71", "1", "2019-04-01", "70.5", "20190401", "2"),
            visit("1204", "181", "72", "2", "2019-05-01", "69.0", "20190502", ""),
            visit("1205", "182", "71", "1", "2019-04-02", "", "20190402", "1"),
        ),
        "atvitals.xls": b"",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """An .xlsx with these sheets."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
