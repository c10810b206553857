"""Where each step's files live, and what each step depends on besides its files.

The workflow's rules ask this for names; it knows the study's configuration and the package's
source, and nothing of the workflow manager.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from pathlib import Path
from typing import Any

import yaml

from sclerotrial.environment import fingerprint
from sclerotrial.fingerprint import Code, file_sha256
from sclerotrial.fingerprint.simulated import kept as simulation_kept
from sclerotrial.step import sections
from sclerotrial.study import Study, load
from sclerotrial.study_twice import twofold
from sclerotrial.tables import TABLES
from sclerotrial.tables.naming import compared

#: files in the raw folder that are about the data, not data
_NOT_DATA = {"README.md", "decisions.csv"}

DATASETS = ("adsl", "adex", "adqs", "adlb", "advs", "adae", "adcm", "adtte")
ANALYSES = (
    "feasibility", "baseline", "efficacy", "completion", "safety", "exposure", "lab",
    "biomarkers", "wide", "quality",
)  # fmt: skip
FIGURES = (
    "consort", "dosing_and_events", "event_onset", "event_grades", "laboratory",
    "mrss_by_patient", "skin_map", "forest_outcomes", "biomarker_change_serum",
    "biomarker_change_skin", "biomarker_heatmap", "biomarker_correlation", "biomarker_volcano",
    "biomarker_agreement", "biomarker_curves", "biomarker_plates",
)  # fmt: skip
#: figures that are laid out for a page and once more for one column
WIDE_FIGURES = (
    "consort", "dosing_and_events", "mrss_by_patient", "forest_outcomes",
    "biomarker_change_serum", "biomarker_change_skin",
)  # fmt: skip


class Plan:
    """One run of the workflow: a study, its folders, and the code that serves it.

    Parameters
    ----------
    project : path
        The folder of the project (the one with the Snakefile).
    options : dict
        What was given on the command line; overrides ``config.yaml``.

    Raises
    ------
    InputErrors
        When the configuration does not hold together.
    """

    def __init__(self, project: Path, options: dict[str, Any]) -> None:
        self.project = Path(project)
        folder = Path(str(options.get("study") or _chosen(self.project)))
        if not (folder / "study.yaml").is_file() and (folder / "config/study.yaml").is_file():
            folder = folder / "config"
        self.folder = folder
        study = load(folder, options)
        base = folder.absolute().parent
        if not (base / study.raw).is_dir() and Path(study.raw).is_dir():
            base = Path.cwd()
        self.raw = _near(base / study.raw)
        self.out = _near(base / study.results)
        self.study: Study = _with_auto_forms(study, self.raw)
        self.run = study.run
        # the study's own former results, unless others are named for this run
        self.against = _near(Path() if "against" in options else base) / self.run.against
        self.kept = self.out / ".ledger" / "code.json"
        self.code_of = Code(Path(__file__).parent, self.kept)
        self.environment = fingerprint(self.project / "requirements.lock")
        self.simulation = simulation_kept(_near(self.project), self.code_of)

    # --- files --------------------------------------------------------------------------------

    def to(self, path: str) -> str:
        """A path under the results folder."""
        return f"{self.out}/{path}"

    def log(self, name: str) -> str:
        """The log of a step."""
        return self.to(f"logs/{name}.log")

    def raw_of(self, source: str) -> list[str]:
        """The raw files of a source.

        For a file that is not there the configuration that names it stands in: the reader then
        tells of it together with all else that is wrong.
        """
        entry = self.study.forms.sources[source]
        files: list[Path] = []
        for name in entry.files:
            files += sorted(f for f in self.raw.glob(name) if f.is_file()) or [
                self.folder / "forms.yaml"
            ]
        return [f.as_posix() for f in files]

    def assay_files(self, assay: str) -> list[str]:
        """The raw files of an assay, in order of name."""
        entry, beside = self.study.assays[assay], self._beside(assay)
        found = (f for f in sorted(self.raw.glob(entry.files)) if _is_data(f) and f not in beside)
        return [f.as_posix() for f in found]

    def assay_inputs(self, assay: str) -> list[str]:
        """The same as inputs: where there is none, the configuration stands in (see `raw_of`)."""
        mine = self.assay_files(assay) or [(self.folder / "assays.yaml").as_posix()]
        return mine + [f.as_posix() for f in self._beside(assay) if f.is_file()]

    def _beside(self, assay: str) -> list[Path]:
        """Layouts, sheets of samples and tables of probes of an assay."""
        entry = self.study.assays[assay]
        patterns = [p for p in (entry.layout, entry.genes) if p]
        return sorted({f for p in patterns for f in self.raw.glob(p)})

    def raw_files(self) -> list[str]:
        """Every data file in the raw folder, as a path below it."""
        found = (f for f in sorted(self.raw.rglob("*")) if f.is_file() and _is_data(f))
        return [f.relative_to(self.raw).as_posix() for f in found]

    def former(self, name: str) -> list[str]:
        """A file of the former results to compare with, when there is one."""
        path = self.against / name
        return [path.as_posix()] if path.is_file() else []

    def crf_of(self, source: str) -> list[str]:
        """Keyed rows of the forms of a source."""
        return [self.to(f"crf/{form}.csv") for form in self.study.forms_of(source)]

    def clean(self, *forms: str) -> list[str]:
        """Cleaned forms, those that this study has."""
        return [self.to(f"clean/{form}.csv") for form in dict.fromkeys(forms) if form in self.forms]

    def endpoint_forms(self, dataset: str) -> list[str]:
        """The forms that the endpoints of a dataset are taken from."""
        used = (e.form for e in self.study.endpoints.values() if e.dataset == dataset)
        return list(dict.fromkeys(used))

    def dataset(self, name: str) -> str:
        """An analysis dataset."""
        return self.to(f"adam/{name}.csv")

    def adam(self, *names: str) -> list[str]:
        """Analysis datasets."""
        return [self.dataset(name) for name in names]

    def assay_tables(self, name: str) -> list[str]:
        """A table of every assay: its ``readings``, ``levels`` or ``quality``."""
        return [self.to(f"assays/{assay}/{name}.csv") for assay in self.assays]

    @property
    def wide_assays(self) -> list[str]:
        """The assays that are wide panels."""
        return [name for name, assay in self.study.assays.items() if assay.wide]

    @property
    def wide(self) -> list[str]:
        """The changes of all features of the wide panels."""
        return [self.to(f"wide/{name}.parquet") for name in self.wide_assays if self.analysed]

    @property
    def checks(self) -> list[str]:
        """The checks of plates and samples of every assay."""
        return self.assay_tables("quality")

    @property
    def dictionaries(self) -> list[str]:
        """The data dictionaries of the sources that exist."""
        names = [n for s in self.study.forms.sources.values() for n in s.dictionary_files]
        return [f.as_posix() for n in names for f in sorted(self.raw.glob(n)) if f.is_file()]

    def manifest_for(self, raw: str) -> list[str]:
        """The files that tell apart the barcodes of a raw file, where that is an assay's."""
        form = self.study.forms.forms.get(self.study.samples.form)
        path = self.raw / raw
        mine = any(path in self.raw.glob(assay.files) for assay in self.study.assays.values())
        return self.raw_of(form.source) if form and mine else []

    @property
    def findings(self) -> list[str]:
        """What all steps found, to be put together as the query list."""
        found = [self.to(f"findings/read/{source}.csv") for source in self.study.forms.sources]
        found.append(self.to("findings/clean.csv"))
        if self.analysed:
            found += [self.to(f"findings/{name}.csv") for name in self.datasets]
        return found

    @property
    def everything(self) -> list[str]:
        """Every output of the workflow."""
        first = ("intake.csv", "intake/checked.txt", "queries.csv", "queries.xlsx")
        made = [self.to(name) for name in first]
        made += [path for source in self.study.forms.sources for path in self.crf_of(source)]
        made += [*self.clean(*self.forms), *self.findings]
        for assay in self.assays:
            made += [self.to(f"assays/{assay}/{n}.csv") for n in ("readings", "levels", "quality")]
        if not self.analysed:
            return made
        made += [self.to(f"adam/{n}.{kind}") for n in self.datasets for kind in ("csv", "xpt")]
        made += [self.to(f"ard/{name}.csv") for name in self.analyses]
        made += self.reported(*self.analyses)
        made += [self.to(n) for n in ("ro-crate-metadata.json", "manifest.sha256", "impact.html")]
        return [*made, *self.presented]

    @property
    def presented(self) -> list[str]:
        """The results proper: what the manifest lists."""
        made = [self.to(f"adam/{n}.{kind}") for n in self.datasets for kind in ("csv", "xpt")]
        names = ("levels", "quality", "readings")
        made += [self.to(f"assays/{a}/{n}.csv") for a in self.assays for n in names]
        made += [self.to("biomarkers/change.csv"), *self.wide] if self.assays else []
        made += [self.to("wide/tests.parquet")] if self.wide else []
        made += [self.to(f"crf/{form}.csv") for form in self.forms]
        made += self.clean(*self.forms)
        made += [self.to(n) for n in ("intake.csv", "queries.csv", "queries.xlsx", "ard.csv")]
        made += [self.to(n) for n in ("claims.csv", "lineage.parquet", "report.html")]
        made += [self.to(n) for n in ("adam/define.xml", "reconciliation.csv")]
        made += [self.to(f"listings/{n}.csv") for n in ("skin_and_oedema", "haq_answers")]
        made += [self.to("paper.pdf"), self.to("paper.docx")] if self.paper_files else []
        return [*made, *self.figure_files(*self.figures), *self.table_files]

    def figure_files(self, *names: str) -> list[str]:
        """Figures in all image formats, each with its caption and where its numbers are from."""
        files = []
        for name in names:
            kinds = self.run.image_formats
            files += [f"figures/{name}.{kind}" for kind in [*kinds, "txt", "json"]]
            if name in WIDE_FIGURES:
                files += [f"figures/{name}_column.{kind}" for kind in kinds]
        return [self.to(file) for file in files]

    @property
    def table_files(self) -> list[str]:
        """Tables for the web and for co-authors."""
        return [self.to(f"tables/{n}.{kind}") for n in self.tables for kind in ("html", "docx")]

    @property
    def config_files(self) -> list[str]:
        """The configuration of the study."""
        return [f.as_posix() for f in sorted(self.folder.glob("*.yaml"))]

    @property
    def paper_files(self) -> list[str]:
        """The source of the manuscript: its main file, then what it includes."""
        if not self.study.paper:
            return []
        main = self.project / self.study.paper
        rest = [f for f in sorted(main.parent.iterdir()) if f != main and _is_data(f)]
        return [_near(f).as_posix() for f in (main, *rest)]

    @property
    def notebook(self) -> str:
        """The notebook that reads the results as a report."""
        return _near(self.project / "notebooks/report.ipynb").as_posix()

    @property
    def lock_file(self) -> str:
        """The locked environment."""
        return _near(self.project / "requirements.lock").as_posix()

    @property
    def released(self) -> str:
        """Day of release of this version, as its citation says."""
        path = self.project / "CITATION.cff"
        cited = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return str(cited.get("date-released", ""))

    # --- what the study has -------------------------------------------------------------------

    @property
    def forms(self) -> list[str]:
        """All forms of the study."""
        return list(self.study.forms.forms)

    @property
    def assays(self) -> list[str]:
        """All assays of the study."""
        return list(self.study.assays)

    @property
    def datasets(self) -> list[str]:
        """The analysis datasets of the study."""
        return [*DATASETS, "adbm"] if self.assays else list(DATASETS)

    @property
    def analyses(self) -> list[str]:
        """The analyses of the study."""
        there = {"biomarkers": self.assays, "wide": self.wide}
        return [a for a in ANALYSES if there.get(a, True)]

    def reported(self, *analyses: str) -> list[str]:
        """The rows of these analyses as they stand in the ARD."""
        return [self.to(f"ard/reported/{name}.csv") for name in analyses]

    @property
    def figures(self) -> list[str]:
        """The figures of the study; two of them few studies have data for."""
        twice = twofold(self.study.assays)
        few = {"biomarker_volcano": getattr(self, "wide_assays", []), "biomarker_agreement": twice}
        named = [f for f in FIGURES if self.assays or not f.startswith("biomarker")]
        return [f for f in named if few.get(f, True)]

    @property
    def tables(self) -> list[str]:
        """The tables of the study."""
        few = {"biomarkers": self.assays, "outcomes_between_arms": compared(self.study)}
        return [t for t in TABLES if few.get(t, True)]

    @property
    def all_sections(self) -> list[str]:
        """Every section of a study but the paths of its raw files."""
        return [name for name in Study.model_fields if name not in ("raw", "results", "paper")]

    @property
    def correlated(self) -> list[str]:
        """The datasets of the endpoints that biomarkers are held against."""
        return sorted(set(self.study.analyses.biomarkers.correlate.values()))

    @property
    def claimed(self) -> list[str]:
        """The sections of the study that its claims are held against, and the claims."""
        named = {path.split(".")[0] for claim in self.study.claims for path in claim.setting}
        return [n for n in Study.model_fields if n in named | {"study", "claims"}]

    @property
    def analysed(self) -> bool:
        """Whether the study says what is analysed (or stops at cleaned forms and queries)."""
        return bool(self.study.endpoints and self.study.arms)

    # --- what a step depends on ---------------------------------------------------------------

    def code(self, script: str, *notebooks: str) -> dict[str, str]:
        """Digests of what the script of that name can reach in the package, and of its libraries.

        Each by what it is called: the words in which a dry run says what changed. Notebooks that
        the script executes reach as it does.
        """
        path = self.project / "workflow" / "scripts" / f"{script}.py"
        reached = [_closure(self.code_of, p) for p in (path, *map(Path, notebooks))]
        return functools.reduce(operator.or_, reached) | self.environment

    def remember(self) -> None:
        """Keep what is known of the package's text, so that the next run reads it faster."""
        with contextlib.suppress(OSError):  # without it the next run only takes longer
            self.code_of.remember(self.kept)

    def facts(self, *names: str, **chosen: list[str]) -> dict[str, Any]:
        """The sections of the study that a step uses."""
        return sections(self.study, *names, **chosen)

    def digest(self, *paths: str) -> dict[str, str]:
        """Content of raw files by path: an older file with other bytes tells."""
        return {f"input {p}": file_sha256(Path(p))[:16] for p in paths}


def _chosen(project: Path) -> str:
    """The study that the project's own run options name."""
    try:
        said = yaml.safe_load((project / "config/config.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return "config"  # what is wrong with the file is told when the study is loaded
    return str((said.get("study") if isinstance(said, dict) else "") or "config")


@functools.lru_cache(maxsize=256)
def _closure(code: Code, path: Path) -> dict[str, str]:
    return dict(line.rsplit(" ", 1) for line in code.closure(path))


def _near(path: Path) -> Path:
    """The path relative to the working directory where it lies below it."""
    path = Path(path).absolute()
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def _is_data(path: Path) -> bool:
    return path.name not in _NOT_DATA and not path.name.startswith((".", "~"))


def _with_auto_forms(study: Study, raw: Path) -> Study:
    """Sources with ``forms: auto`` get one form an instrument of their dictionary."""
    if all(source.forms != "auto" for source in study.forms.sources.values()):
        return study
    from sclerotrial.read.auto import with_auto_forms

    return with_auto_forms(study, raw)
