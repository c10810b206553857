"""Results against the published ones: a line each difference, and a stop where there is one."""

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.publish.published import report, verify
from sclerotrial.step import Step

with Step(snakemake) as step:
    verdicts = verify(step.params.results, step.params.published)
    print(report(verdicts), end="", flush=True)
    differ = [verdict for verdict in verdicts if not verdict.good]
    if differ:
        what = f"{len(differ)} of {len(verdicts)} comparisons differ from the published results"
        todo = "Read the lines above; take the new results as published with: make publish"
        raise InputErrors([Problem(what, step.params.published, todo)])
