# Figures, tables, report and paper: they read the datasets and the ARD, and compute nothing.


rule draw_consort:
    input:
        ard=PLAN.reported("feasibility", "efficacy"),
        data=PLAN.adam("adsl"),
    output:
        PLAN.figure_files("consort"),
    log:
        PLAN.log("draw_consort"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_consort"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts(
            "study",
            "arms",
            "run",
            "recruitment",
            "visits",
            "efficacy_visits",
            "endpoints",
        ),
    message:
        "Drawing who was screened, randomised, treated and analysed"
    script:
        "../scripts/draw_consort.py"


rule draw_dosing_and_events:
    input:
        ard=PLAN.reported("feasibility", "exposure", "safety"),
        data=PLAN.adam("adsl", "adex", "adae"),
    output:
        PLAN.figure_files("dosing_and_events"),
    log:
        PLAN.log("draw_dosing_and_events"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_dosing_and_events"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run", "dosing", "visits"),
    message:
        "Drawing dosing and adverse events in time"
    script:
        "../scripts/draw_dosing_and_events.py"


rule draw_mrss_by_patient:
    input:
        ard=PLAN.reported("efficacy"),
        data=PLAN.adam("adsl", "adqs", "adex"),
    output:
        PLAN.figure_files("mrss_by_patient"),
    log:
        PLAN.log("draw_mrss_by_patient"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_mrss_by_patient"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run", "dosing", "visits", "efficacy_visits"),
    message:
        "Drawing the skin score of every patient"
    script:
        "../scripts/draw_mrss_by_patient.py"


rule draw_forest_outcomes:
    input:
        ard=PLAN.reported("efficacy"),
        data=[],
    output:
        PLAN.figure_files("forest_outcomes"),
    log:
        PLAN.log("draw_forest_outcomes"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_forest_outcomes"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "visits", "efficacy_visits", "endpoints"),
    message:
        "Drawing the change of all outcomes with exact intervals"
    script:
        "../scripts/draw_forest_outcomes.py"


rule draw_biomarker_change_serum:
    input:
        ard=PLAN.reported("biomarkers"),
        data=PLAN.adam("adsl", "adbm"),
    output:
        PLAN.figure_files("biomarker_change_serum"),
    log:
        PLAN.log("draw_biomarker_change_serum"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_biomarker_change_serum"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run", "samples", "assays", "visits"),
    message:
        "Drawing the change of serum biomarkers"
    script:
        "../scripts/draw_biomarker_change_serum.py"


rule draw_biomarker_change_skin:
    input:
        ard=PLAN.reported("biomarkers"),
        data=PLAN.adam("adsl", "adbm"),
    output:
        PLAN.figure_files("biomarker_change_skin"),
    log:
        PLAN.log("draw_biomarker_change_skin"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_biomarker_change_skin"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run", "samples", "assays", "visits"),
    message:
        "Drawing the change of skin biomarkers"
    script:
        "../scripts/draw_biomarker_change_skin.py"


rule draw_event_onset:
    input:
        ard=PLAN.reported("feasibility", "safety"),
        data=PLAN.adam("adsl", "adae"),
    output:
        PLAN.figure_files("event_onset"),
    log:
        PLAN.log("draw_event_onset"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_event_onset"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run", "safety", "visits", "efficacy_visits"),
    message:
        "Drawing when adverse events began"
    script:
        "../scripts/draw_event_onset.py"


rule draw_event_grades:
    input:
        ard=PLAN.reported("feasibility", "safety"),
        data=PLAN.adam("adae"),
    output:
        PLAN.figure_files("event_grades"),
    log:
        PLAN.log("draw_event_grades"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_event_grades"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run"),
    message:
        "Drawing adverse events by term and grade"
    script:
        "../scripts/draw_event_grades.py"


rule draw_laboratory:
    input:
        ard=PLAN.reported("lab"),
        data=PLAN.adam("adsl", "adlb"),
    output:
        PLAN.figure_files("laboratory"),
    log:
        PLAN.log("draw_laboratory"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_laboratory"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "run", "laboratory", "visits"),
    message:
        "Drawing laboratory values against their ranges"
    script:
        "../scripts/draw_laboratory.py"


rule draw_skin_map:
    input:
        ard=PLAN.reported("efficacy"),
        data=[],
    output:
        PLAN.figure_files("skin_map"),
    log:
        PLAN.log("draw_skin_map"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_skin_map"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "visits", "efficacy_visits"),
    message:
        "Drawing the change of each area of the skin"
    script:
        "../scripts/draw_skin_map.py"


rule draw_biomarker_heatmap:
    input:
        ard=PLAN.reported("biomarkers"),
        data=PLAN.adam("adsl", "adbm"),
    output:
        PLAN.figure_files("biomarker_heatmap"),
    log:
        PLAN.log("draw_biomarker_heatmap"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_biomarker_heatmap"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts(
            "study", "arms", "run", "samples", "assays", "visits", "efficacy_visits"
        ),
    message:
        "Drawing the change of all biomarkers in all patients"
    script:
        "../scripts/draw_biomarker_heatmap.py"


rule draw_biomarker_correlation:
    input:
        ard=PLAN.reported("biomarkers"),
        data=[],
    output:
        PLAN.figure_files("biomarker_correlation"),
    log:
        PLAN.log("draw_biomarker_correlation"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_biomarker_correlation"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "arms", "endpoints", "assays"),
    message:
        "Drawing biomarkers against the skin score"
    script:
        "../scripts/draw_biomarker_correlation.py"


if "biomarker_volcano" in PLAN.figures:

    rule draw_biomarker_volcano:
        input:
            ard=PLAN.reported("wide"),
            tests=PLAN.to("wide/tests.parquet"),
        output:
            PLAN.figure_files("biomarker_volcano"),
        log:
            PLAN.log("draw_biomarker_volcano"),
        conda:
            "../../environment.yml"
        params:
            code=PLAN.code("draw_biomarker_volcano"),
            formats=PLAN.run.image_formats,
            folder=lambda wildcards: PLAN.to("figures"),
            study=PLAN.facts("study", "arms", "assays", "analyses"),
        message:
            "Drawing the change of all features of the wide panels"
        script:
            "../scripts/draw_biomarker_volcano.py"


if "biomarker_agreement" in PLAN.figures:

    rule draw_biomarker_agreement:
        input:
            ard=PLAN.reported("biomarkers"),
            data=PLAN.adam("adsl", "adbm"),
        output:
            PLAN.figure_files("biomarker_agreement"),
        log:
            PLAN.log("draw_biomarker_agreement"),
        conda:
            "../../environment.yml"
        params:
            code=PLAN.code("draw_biomarker_agreement"),
            formats=PLAN.run.image_formats,
            folder=lambda wildcards: PLAN.to("figures"),
            study=PLAN.facts("study", "arms", "run", "assays"),
        message:
            "Drawing the agreement of two assays of one analyte"
        script:
            "../scripts/draw_biomarker_agreement.py"


rule draw_biomarker_curves:
    input:
        ard=PLAN.reported("quality"),
        readings=PLAN.assay_tables("readings"),
        levels=PLAN.assay_tables("levels"),
    output:
        PLAN.figure_files("biomarker_curves"),
    log:
        PLAN.log("draw_biomarker_curves"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_biomarker_curves"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "assays"),
    message:
        "Drawing the standard curves"
    script:
        "../scripts/draw_biomarker_curves.py"


rule draw_biomarker_plates:
    input:
        ard=PLAN.reported("quality"),
        quality=PLAN.checks,
    output:
        PLAN.figure_files("biomarker_plates"),
    log:
        PLAN.log("draw_biomarker_plates"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("draw_biomarker_plates"),
        formats=PLAN.run.image_formats,
        folder=lambda wildcards: PLAN.to("figures"),
        study=PLAN.facts("study", "assays"),
    message:
        "Drawing the checks of the plates"
    script:
        "../scripts/draw_biomarker_plates.py"


rule set_tables:
    input:
        ard=PLAN.to("ard.csv"),
        data=PLAN.adam("adae"),
    output:
        PLAN.table_files,
    log:
        PLAN.log("set_tables"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("set_tables"),
        study=PLAN.facts(
            "study",
            "arms",
            "dosing",
            "safety",
            "visits",
            "efficacy_visits",
            "endpoints",
            "analyses",
            "assays",
            "run",
            "laboratory",
            "intercurrent_events",
            "claims",
        ),
    message:
        "Setting the tables"
    script:
        "../scripts/set_tables.py"


rule report:
    input:
        notebook=PLAN.notebook,
        ard=PLAN.to("ard.csv"),
        claims=PLAN.to("claims.csv"),
        intake=PLAN.to("intake.csv"),
        queries=PLAN.to("queries.csv"),
        lineage=PLAN.to("lineage.parquet"),
        tables=PLAN.table_files,
        figures=PLAN.figure_files(*PLAN.figures),
        simulation=PLAN.simulation.get("path", []),
    output:
        PLAN.to("report.html"),
    log:
        PLAN.log("report"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("report", PLAN.notebook),
        results=lambda wildcards: str(PLAN.out),
        # read from its files, but what they say is what counts: not their comments
        config=lambda wildcards: str(PLAN.folder),
        study=PLAN.facts(*PLAN.all_sections),
        lock=PLAN.lock_file,
        content=PLAN.digest(PLAN.notebook),
        stale=PLAN.simulation.get("stale") == "yes",
    message:
        "Writing the report"
    script:
        "../scripts/report.py"


if PLAN.paper_files:

    rule paper:
        input:
            source=PLAN.paper_files,
            ard=PLAN.to("ard.csv"),
            claims=PLAN.to("claims.csv"),
            data=PLAN.adam("adae"),
            figures=PLAN.figure_files(*PLAN.figures),
        output:
            pdf=PLAN.to("paper.pdf"),
            docx=PLAN.to("paper.docx"),
        log:
            PLAN.log("paper"),
        conda:
            "../../environment.yml"
        params:
            code=PLAN.code("paper"),
            figures=lambda wildcards: PLAN.to("figures"),
            content=PLAN.digest(*PLAN.paper_files),
            study=PLAN.facts(*PLAN.all_sections),
        message:
            "Typesetting the paper"
        script:
            "../scripts/paper.py"
