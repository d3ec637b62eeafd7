"""The policies of deploy/iam, put on a role of the sandbox as `scripts/setup-iam.sh` puts them on one of AWS."""

from __future__ import annotations

import json
from typing import Any

from libs.embedded.layout import ROOT

_SOURCE = ROOT / "deploy" / "iam" / "policies"
# What the documents are written with, and the customer's own name goes in the place of.
_WRITTEN_ROLE = "role/Beta9Provisioner"


def attach(iam: Any, account_id: str, role: str) -> None:
    """Make each policy of the account as it is now and attach it to the role. Idempotent."""
    for source in sorted(_SOURCE.glob("*.json")):
        document = json.dumps(json.loads(source.read_text().replace(_WRITTEN_ROLE, f"role/{role}")))
        name = f"{role}-{source.stem}"
        arn = f"arn:aws:iam::{account_id}:policy/{name}"
        try:
            iam.create_policy(PolicyName=name, PolicyDocument=document)
        except iam.exceptions.EntityAlreadyExistsException:
            _bring_up_to_date(iam, arn, document)
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _bring_up_to_date(iam: Any, arn: str, document: str) -> None:
    present = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    if iam.get_policy_version(PolicyArn=arn, VersionId=present)["PolicyVersion"]["Document"] == json.loads(document):
        return
    # A policy has five versions at most.
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
