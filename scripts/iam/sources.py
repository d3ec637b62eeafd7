"""What deploy/iam holds: the customer's role and its policies as JSON, the one place where actions are written."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "iam"

POLICIES = ("read", "apply-network", "apply-cluster", "apply-stores", "apply-identity", "destroy")
"""Policies that every customer's role has, in the order in which they are attached."""

Document = dict[str, Any]


def policies() -> dict[str, Document]:
    """The documents of `POLICIES` by name. An ARN in them is of the partition `aws`, the role `Beta9Provisioner`, and
    buckets begin with `beta9-`: whoever installs them puts the customer's own in the place."""
    return {name: load(f"policies/{name}.json") for name in POLICIES}


def trust() -> Document:
    """Who may take the role: holds `${PlatformPrincipal}` and `${ExternalId}`."""
    return load("trust.json")


def boundary() -> Document:
    """Only for who wants a permissions boundary on all that is made: holds `${PermissionsBoundaryArn}`."""
    return load("boundary.json")


def load(path: str) -> Document:
    """A document of the folder."""
    document: Document = json.loads((FOLDER / path).read_text())
    return document


def listed(value: Any) -> list[Any]:
    """IAM writes one or many."""
    return value if isinstance(value, list) else [value]
