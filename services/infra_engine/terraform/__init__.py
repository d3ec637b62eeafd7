"""Terraform as the engine sees it: a work folder, commands, what they say, and what may be believed of the state."""

from services.infra_engine.terraform.command import Command
from services.infra_engine.terraform.milestones import MilestoneTracker
from services.infra_engine.terraform.runner import LocalTerraform, Terraform
from services.infra_engine.terraform.state_file import (
    StartFrom,
    StateSnapshot,
    StateUnusable,
    choose_state,
    empty_state,
    parse_state,
)
from services.infra_engine.terraform.state_outputs import OutputReader
from services.infra_engine.terraform.state_watcher import StateWatcher
from services.infra_engine.terraform.work_folder import WorkFolder

__all__ = [
    "Command",
    "LocalTerraform",
    "MilestoneTracker",
    "OutputReader",
    "StartFrom",
    "StateSnapshot",
    "StateUnusable",
    "StateWatcher",
    "Terraform",
    "WorkFolder",
    "choose_state",
    "empty_state",
    "parse_state",
]
