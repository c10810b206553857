# Cleaning: values corrected, excluded or doubted, each with its row in the query list.

DECISIONS = [str(f) for f in [PLAN.raw / "decisions.csv"] if f.is_file()]


rule clean_forms:
    input:
        forms=[PLAN.to(f"crf/{form}.csv") for form in PLAN.forms],
        dictionaries=PLAN.dictionaries,
        decisions=DECISIONS,
        former=[f for form in PLAN.forms for f in PLAN.former(f"crf/{form}.csv")],
    output:
        forms=[PLAN.to(f"clean/{form}.csv") for form in PLAN.forms],
        findings=PLAN.to("findings/clean.csv"),
    log:
        PLAN.log("clean_forms"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("clean_forms"),
        raw=lambda wildcards: str(PLAN.raw),
        content=PLAN.digest(*DECISIONS),
        study=PLAN.facts(
            "forms",
            "visits",
            "strata",
            "arms",
            "endpoints",
            "laboratory",
            "vitals",
            "recruitment",
            "samples",
        ),
    message:
        "Cleaning all forms"
    script:
        "../scripts/clean_forms.py"


rule query_list:
    input:
        findings=PLAN.findings,
        former=PLAN.former("queries.csv"),
    output:
        csv=PLAN.to("queries.csv"),
        xlsx=PLAN.to("queries.xlsx"),
    log:
        PLAN.log("query_list"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("query_list"),
        study=PLAN.facts("study", "forms"),
    message:
        "Writing the query list"
    script:
        "../scripts/query_list.py"
