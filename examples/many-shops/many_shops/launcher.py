"""Starts runs on this machine, and notices when one has died.

Dagster's own launcher leaves that to the code server that has started the run. If the machine
restarts, or the code server is killed, nobody is left to notice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

if TYPE_CHECKING:
    from dagster import DagsterRun


class LocalRunLauncher(DefaultRunLauncher):
    """Dagster's launcher for one machine; run monitoring asks it whether a run is alive."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether it can tell: it can."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that started a run whether it is there.

        Args:
            run: The run.
        """
        if GRPC_INFO_TAG not in run.tags:
            # A command such as dagster asset materialize runs it, and ends it.
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        info = json.loads(run.tags[GRPC_INFO_TAG])
        client = DagsterGrpcClient(
            host=info["host"], port=info.get("port"), socket=info.get("socket")
        )
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id))
        except DagsterUserCodeUnreachableError:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "Its code server is gone")
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "Its process is gone")
