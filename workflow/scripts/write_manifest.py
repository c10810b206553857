"""Results -> their checksums."""

from pathlib import Path

from sclerotrial.publish.manifest import write_manifest
from sclerotrial.step import Step

with Step(snakemake) as step:
    base = step.params.results
    files = [Path(f).relative_to(base).as_posix() for f in step.input]
    write_manifest(base, files)
