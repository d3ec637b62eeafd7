"""What the engine asks of synthesis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.stacks.stack_input import StackInput


@dataclass(frozen=True)
class Synthesized:
    """A stack ready for Terraform.

    `main_tf_json` depends on the shape of the input alone; `variables` are for terraform.tfvars.json. `secrets` are the
    names of the ephemeral variables that every plan and apply must be given beside them.
    """

    main_tf_json: bytes
    variables: Mapping[str, object]
    stack_version: str
    """`<stack>-<first 12 hex digits of the SHA-256 of main_tf_json>`."""
    secrets: frozenset[str]
    milestones: tuple[Milestone, ...]


class SynthesisFailed(Exception):
    """The stack could not be synthesized, or what came out is not allowed. Asking again gives the same answer."""


class SynthesizerUnavailable(Exception):
    """The synthesis child could not be started or died twice. Asking again may help."""


class Synthesizer(Protocol):
    """Turns a document into Terraform's JSON."""

    async def synthesize(self, stack_input: StackInput) -> Synthesized:
        """Pure and repeatable: the same input gives the same bytes.

        Raises `UnknownStack`, a `ValueError` that says what in the input cannot be built, `SynthesisFailed` or
        `SynthesizerUnavailable`.
        """
        ...
