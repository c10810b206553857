"""Local execution with early cutoff: a job whose inputs turn out unchanged is passed over."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

from snakemake.executors.local import Executor as LocalExecutor
from snakemake.logging import logger
from snakemake_interface_executor_plugins.settings import CommonSettings

from snakemake_executor_plugin_cutoff.records import Records

__all__ = ["Executor", "common_settings"]

common_settings = CommonSettings(
    non_local_exec=False,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_envvar_declarations_to_cmd=True,
    auto_deploy_default_storage_provider=False,
)


class Executor(LocalExecutor):
    """Snakemake's local executor, asked first whether a due job has anything to do."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._records = Records(Path(self.workflow.persistence.path) / "cutoff")

    def run_single_job(self, job: Any) -> Future:
        """Run a job, or pass it over when all that it depends on is as at its last run."""
        if not self._forced(job) and self._records.stands(job):
            self._records.renew(job)
            logger.info(f"Unchanged, passed over: {job.rule.name}")
            done: Future = Future()
            done.set_result(None)
            return done
        self._records.forget(job)
        return super().run_single_job(job)

    def handle_job_success(self, job: Any) -> None:
        """Record what a finished job depended on and gave."""
        super().handle_job_success(job)
        if not job.is_group():
            self._records.remember(job)

    def _forced(self, job: Any) -> bool:
        return bool(self.workflow.dag.reason(job).forced)
