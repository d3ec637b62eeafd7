"""What the role may do, and the key and the boundary that the document names."""

from collections import defaultdict
from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Facts, Key, Unreadable
from services.infra_engine.preflight.findings import Finding

_SHOWN = 12


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """PERMISSION_MISSING a service, KMS_KEY_ findings, PERMISSIONS_BOUNDARY_NOT_FOUND."""
    state = asked.stack_input.state
    if not isinstance(facts.denied, Unreadable):
        of_theirs = bool(state.bucket or state.lock_table)
        yield from _permissions(asked.stack_input.account.role_arn, facts.denied, of_theirs)
    boundary, key_arn = asked.stack_input.permissions_boundary_arn, asked.stack_input.kms_key_arn
    if boundary is not None and facts.boundary is False:
        yield Finding(
            "PERMISSIONS_BOUNDARY_NOT_FOUND",
            "cloud.permissions_boundary_arn",
            f"There is no IAM policy {boundary}.",
            "Create it, or leave the field out.",
        )
    if key_arn is not None and not isinstance(facts.key, Unreadable):
        yield from _key("cloud.kms_key_arn", key_arn, facts.key)
        yield from _key_policy(key_arn, facts.key)
    if state.kms_key_arn is not None and not isinstance(facts.state_key, Unreadable):
        yield from _key("state.kms_key_arn", state.kms_key_arn, facts.state_key)


def _permissions(role: str, denied: tuple[str, ...], state_of_theirs: bool) -> Iterator[Finding]:
    by_service: defaultdict[str, list[str]] = defaultdict(list)
    for action in sorted(denied):
        by_service[action.partition(":")[0]].append(action)
    also = ", and what docs/iam.md says for the bucket or table of the state" if state_of_theirs else ""
    for service, actions in by_service.items():
        more = f" and {len(actions) - _SHOWN} more" if len(actions) > _SHOWN else ""
        yield Finding(
            "PERMISSION_MISSING",
            "cloud.role_arn",
            f"{role} may not do {', '.join(actions[:_SHOWN])}{more}.",
            f"Give the role the policies of deploy/iam{also}, or lift what denies {service} (a boundary or an"
            " organization's policy).",
            number=len(actions),
            limit=0,
        )


def _key(field: str, arn: str, key: Key | None) -> Iterator[Finding]:
    if key is None:
        yield Finding(
            "KMS_KEY_NOT_FOUND",
            field,
            f"There is no KMS key {arn}.",
            "Give the ARN of a key of the account and region.",
        )
        return
    if key.state != "Enabled":
        yield Finding("KMS_KEY_NOT_USABLE", field, f"The KMS key {arn} is {key.state}.", "Enable it, or give another.")
    elif (key.usage, key.spec) != ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"):
        yield Finding(
            "KMS_KEY_NOT_USABLE",
            field,
            f"The KMS key {arn} is for {key.usage} with {key.spec}.",
            "Give a symmetric key for encryption.",
        )


def _key_policy(arn: str, key: Key | None) -> Iterator[Finding]:
    if key is not None and key.missing:
        yield Finding(
            "KMS_KEY_POLICY_LACKS",
            "cloud.kms_key_arn",
            f"The key policy of {arn} does not name {', '.join(key.missing)}.",
            "Let them use the key in its policy: nodes with its volumes and its log groups do not come up otherwise.",
            blocking=False,
        )
