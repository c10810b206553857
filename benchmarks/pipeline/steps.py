"""The steps of the workflow as a list: script, files and parameters, in an order that runs.

`python steps.py FOLDER` writes it to ``steps.pickle``; `python steps.py FOLDER NAME` runs one step
from there, `python steps.py FOLDER --all` all of them in this process.
"""

from __future__ import annotations

import os
import pickle
import runpy
import sys
from pathlib import Path


def dump(folder: Path) -> None:
    """Write the list of steps of the project in a folder."""
    from snakemake.api import (
        DAGSettings,
        OutputSettings,
        ResourceSettings,
        SnakemakeApi,
        StorageSettings,
    )
    from snakemake.iocontainers import Snakemake

    os.chdir(folder)
    steps = []
    with SnakemakeApi(OutputSettings(quiet={"all"})) as api:
        flow = api.workflow(
            ResourceSettings(cores=2),
            storage_settings=StorageSettings(),
            snakefile=Path("Snakefile"),
        )
        flow.dag(DAGSettings())
        inner = flow._workflow
        inner._prepare_dag(forceall=True, ignore_incomplete=True, lock_warn_only=True)
        inner._build_dag()
        for level in inner.dag.toposorted():
            for job in sorted(level, key=lambda one: (one.rule.name, str(one.output))):
                if job.rule.norun:
                    continue
                given = Snakemake(
                    job.input._plainstrings(), job.output._plainstrings(), job.params,
                    job.wildcards, 1, job.resources, job.log._plainstrings(), {},
                    job.rule.name, None, str(folder / "workflow/scripts"),
                )  # fmt: skip
                name = f"{job.rule.name}-{len(steps)}"
                script = os.path.normpath(os.path.join(str(job.rule.basedir), job.rule.script))
                steps.append((name, os.path.relpath(script), pickle.dumps(given)))
    Path("steps.pickle").write_bytes(pickle.dumps(steps))


def load() -> list:
    """The steps of the working directory."""
    return pickle.loads(Path("steps.pickle").read_bytes())


def run(script: str, given: bytes) -> None:
    """Run one step."""
    job = pickle.loads(given)
    for path in [*job.output, *job.log]:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    runpy.run_path(script, {"snakemake": job}, "__main__")


if __name__ == "__main__":
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    os.environ |= {"SOURCE_DATE_EPOCH": "0", "MPLBACKEND": "agg"}
    folder = Path(sys.argv[1]).resolve()
    if len(sys.argv) == 2:
        dump(folder)
    else:
        os.chdir(folder)
        for name, script, given in load():
            if sys.argv[2] in ("--all", name):
                run(script, given)
