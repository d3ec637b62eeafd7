"""The customer's role as policies would judge it: rendered documents, and questions about them."""

import json
from collections.abc import Mapping

from libs.sandbox.aws.iam.conditions import context_of
from libs.sandbox.aws.iam.evaluation import Asked, Policy, judge
from scripts.iam import sources
from scripts.iam.sources import Document

ACCOUNT = "123456789012"
OURS = {"aws:RequestTag/ManagedBy": "beta9-provisioning", "aws:ResourceTag/ManagedBy": "beta9-provisioning"}


def allowed(action: str, resource: str, context: Mapping[str, str], *left_out: str) -> bool:
    """Whether a role with all policies but those `left_out` may do it."""
    policies = [_policy(name, document) for name, document in sources.policies().items() if name not in left_out]
    return judge(policies, Asked(action, resource, context_of(context))).decision == "allowed"


def allowed_within(boundary: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether a role may do it to whom this permissions boundary is forced upon all that it makes."""
    text = json.dumps(sources.boundary()).replace("${PermissionsBoundaryArn}", boundary)
    policies = [_policy(name, document) for name, document in sources.policies().items()]
    return (
        judge([*policies, Policy("boundary", text)], Asked(action, resource, context_of(context))).decision == "allowed"
    )


def actions(*names: str) -> set[str]:
    """What the named policies allow, or all of them."""
    return {
        action
        for name, document in sources.policies().items()
        if not names or name in names
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in sources.listed(statement["Action"])
    }


def _policy(name: str, document: Document) -> Policy:
    return Policy(name, json.dumps(document))
