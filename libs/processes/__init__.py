"""Children that never outlive us: each runs under a small supervisor that ends its whole process group."""

from libs.processes.child import Child, ExitStatus
from libs.processes.environment import allowed_environment
from libs.processes.errors import CannotStart, ExecutableNotFound
from libs.processes.finished import Finished, run
from libs.processes.spawning import spawn

__all__ = [
    "CannotStart",
    "Child",
    "ExecutableNotFound",
    "ExitStatus",
    "Finished",
    "allowed_environment",
    "run",
    "spawn",
]
