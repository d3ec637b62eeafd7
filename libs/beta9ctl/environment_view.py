"""An environment, and lists of them, as a person reads them on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from provisioning.environment.v1.environment_pb2 import Environment, EnvironmentOutputs, EnvironmentState
from provisioning.environment.v1.environment_spec_pb2 import Profile, Provider
from provisioning.environment.v1.hand_over_pb2 import StageState

from libs.beta9ctl.names import last
from libs.beta9ctl.operation_view import enum_word, moment
from libs.beta9ctl.output import columns, pairs
from libs.beta9ctl.status import failure_facts, failure_violations


def state(environment: Environment) -> str:
    """The state in capitals, such as `ACTIVE`."""
    return EnvironmentState.Name(environment.state).removeprefix("ENVIRONMENT_STATE_")


def listing(environments: Sequence[Environment]) -> str:
    """A line an environment."""
    if not environments:
        return "There are no environments."
    rows = [
        (last(e.name), state(e), _profile(e), e.spec.cloud.region, e.spec.beta9.domain, _age(e)) for e in environments
    ]
    return columns(("NAME", "STATE", "PROFILE", "REGION", "DOMAIN", "AGE"), rows)


def details(environment: Environment) -> str:
    """All that is worth reading of one environment."""
    spec = environment.spec
    provider = enum_word(Provider.Name(spec.cloud.provider), "PROVIDER_")
    blocks = [
        pairs(
            [
                ("name", last(environment.name)),
                ("uid", environment.uid),
                ("state", state(environment)),
                ("cloud", f"{provider} {spec.cloud.account_id} {spec.cloud.region}"),
                ("profile", _profile(environment)),
                ("domain", spec.beta9.domain),
                ("generation", str(environment.generation)),
                ("operation", last(environment.operation)),
                ("created", _time(environment.create_time)),
                ("updated", _time(environment.update_time)),
                ("deleted", _time(environment.delete_time)),
            ]
        ),
        _stages(environment),
        _failure(environment),
        _block("outputs", outputs(environment.outputs)),
        _block("kept", kept(environment)),
    ]
    return "\n\n".join(block for block in blocks if block)


def outputs(known: EnvironmentOutputs) -> str:
    """The outputs that are known, in the contract's order; long certificate data is cut."""
    rows = [(field.name, str(value)) for field, value in known.ListFields()]
    return pairs([(name, value if len(value) <= 120 else f"{value[:60]}...") for name, value in rows])


def kept(environment: Environment) -> str:
    """What a delete left by policy, and why."""
    return "\n".join(f"{item.resource}: {item.reason}" for item in environment.kept)


def _stages(environment: Environment) -> str:
    rows = [
        (s.stage, enum_word(StageState.Name(s.state), "STAGE_STATE_"), str(s.attempt), s.step)
        for s in environment.stages
        if s.state != StageState.STAGE_STATE_UNSPECIFIED
    ]
    return columns(("STAGE", "STATE", "ATTEMPT", "STEP"), rows) if rows else ""


def _failure(environment: Environment) -> str:
    if not environment.HasField("failure"):
        return ""
    failure = environment.failure
    facts = [("failure", f"{failure.message} ({failure.reason})"), *failure_facts(failure)]
    findings = [f"  - {one}" for one in failure_violations(failure) if failure.message not in one.message]
    return "\n".join([pairs([*facts, ("remedy", failure.remedy)]), *findings])


def _block(head: str, body: str) -> str:
    return f"{head}\n" + "\n".join(f"  {line}" for line in body.splitlines()) if body else ""


def _profile(environment: Environment) -> str:
    profile = environment.spec.cluster.profile or Profile.PROFILE_SMALL
    return enum_word(Profile.Name(profile), "PROFILE_")


def _time(timestamp: object) -> str:
    at = moment(timestamp)  # type: ignore[arg-type]
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def _age(environment: Environment) -> str:
    created = moment(environment.create_time)
    seconds = int((datetime.now(UTC) - created).total_seconds()) if created else 0
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{max(seconds, 0)}s"
