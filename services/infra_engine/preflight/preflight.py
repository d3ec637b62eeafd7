"""The entry: all findings about a document, before anything is touched."""

import asyncio
from dataclasses import replace

from libs.aws_access import AwsAccess
from libs.aws_access.sessions import prove_external_id_required, session_for
from libs.failures import Actor, Failure, Kind
from services.infra_engine.preflight.asked import asked, settled_fields
from services.infra_engine.preflight.aws.clients import Clients
from services.infra_engine.preflight.aws.gather import gather, known_reservations, surroundings
from services.infra_engine.preflight.checks import findings
from services.infra_engine.preflight.facts import Facts, Unreadable
from services.infra_engine.preflight.findings import Finding, with_settled
from services.infra_engine.stacks.aws.versions import newer
from services.infra_engine.stacks.stack_input import StackInput

_SESSION = "beta9-preflight"
_FIELDS = {"REGION_DISABLED": "cloud.region", "EXTERNAL_ID_NOT_REQUIRED": "cloud.role_arn"}


async def preflight(access: AwsAccess, stack_input: StackInput, present: StackInput | None) -> list[Finding]:
    """Everything that would stop a build of `stack_input`, and what a person should know, in one list.

    `present` is what is built already, None before the first apply: what has not changed since stops nothing. It reads
    alone and can be asked at any time, again and again. What the role may not read becomes a finding that stops
    nothing. Raises Failure only for what is no customer's: the platform's own credentials, or AWS out of reach.
    """
    return await asyncio.to_thread(_preflight, access, stack_input, present)


async def completed(access: AwsAccess, stack_input: StackInput) -> StackInput:
    """The input with what AWS alone knows: reservations' zones, of our own cluster the version that it has where that
    is newer than the document's or the document says none, and of an existing cluster whether an OIDC provider is to be
    made and whether it takes access entries.

    AWS raises a cluster by itself when its version's support ends, and no plan may take that back. Raises Failure when
    the role cannot be assumed or may not read that. Idempotent.
    """
    return await asyncio.to_thread(_completed, access, stack_input)


def _preflight(access: AwsAccess, stack_input: StackInput, present: StackInput | None) -> list[Finding]:
    try:
        session = session_for(access, _SESSION)
    except Failure as failure:
        return [_of_access(failure)]
    found: list[Finding] = []
    try:
        prove_external_id_required(access)
    except Failure as failure:
        found.append(_of_access(failure))
    facts = gather(Clients(session, s3_path_style=stack_input.aws_calls.s3_path_style), stack_input)
    reservations = known_reservations(facts)
    stack_input = with_known(stack_input, facts)
    wished = asked(stack_input, reservations)
    found += findings(wished, facts)
    if present is None:
        return found
    return with_settled(found, settled_fields(asked(with_known(present, facts), reservations), wished))


def _completed(access: AwsAccess, stack_input: StackInput) -> StackInput:
    clients = Clients(session_for(access, _SESSION), s3_path_style=stack_input.aws_calls.s3_path_style)
    facts = surroundings(clients, stack_input)
    for unread in (facts.reservations, facts.control_plane, facts.cluster, facts.oidc_providers):
        if isinstance(unread, Unreadable):
            raise Failure(
                "SURROUNDINGS_UNREADABLE",
                f"What the stack builds on could not be read: {unread.action} failed ({unread.code}).",
                kind=Kind.PERMISSION_DENIED if unread.denied else Kind.UNAVAILABLE,
                retryable=not unread.denied,
                actor=Actor.CUSTOMER if unread.denied else Actor.NOBODY,
                remedy=f"Allow {unread.action} to {access.role_arn}, then retry." if unread.denied else "Try again.",
                resource_address=access.role_arn,
            )
    return _not_lowered(with_known(stack_input, facts), facts.control_plane)


def _not_lowered(stack_input: StackInput, has: str | Unreadable | None) -> StackInput:
    """The input with the control plane's version where a plan would take it down, or up unasked."""
    wanted = stack_input.cluster.version
    if not isinstance(has, str) or (wanted is not None and not newer(has, wanted)):
        return stack_input
    return replace(stack_input, cluster=replace(stack_input.cluster, version=has))


def with_known(stack_input: StackInput, facts: Facts) -> StackInput:
    """The input with what the facts say of its reservations' zones and its existing cluster."""
    zones = {one.id: one.zone_id for one in known_reservations(facts).values()}
    filled = replace(stack_input, reservation_zone_ids=zones)
    cluster, providers = facts.cluster, facts.oidc_providers
    if cluster is None or isinstance(cluster, Unreadable) or isinstance(providers, Unreadable):
        return filled
    issuer = (cluster.issuer or "").removeprefix("https://")
    known = replace(
        filled.cluster,
        create_oidc_provider=issuer not in providers,
        existing_access_entries=cluster.authentication_mode != "CONFIG_MAP",
    )
    return replace(filled, cluster=known)


def _of_access(failure: Failure) -> Finding:
    """The customer's part of what can go wrong with the role. Raises the rest again."""
    if failure.actor is not Actor.CUSTOMER:
        raise failure
    field = _FIELDS.get(failure.reason, "cloud.role_arn")
    return Finding(failure.reason, field, failure.message, failure.remedy)
