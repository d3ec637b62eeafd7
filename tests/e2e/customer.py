"""A customer of the tests: an account in the sandbox, the role in it, and what the account holds."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import boto3

from libs.embedded import cloud, onboarding

REGION = "us-east-1"
ROLE = "Beta9Provisioner"


@dataclass(frozen=True)
class Customer:
    """One AWS account of the sandbox."""

    sandbox: str
    account_id: str

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:role/{ROLE}"

    def spec(self, domain: str = "beta9.example.com", **cloud_fields: str) -> dict[str, Any]:
        """The least that a document must say, as canonical JSON of the contract."""
        where = {
            "provider": "PROVIDER_AWS",
            "region": REGION,
            "accountId": self.account_id,
            "roleArn": self.role_arn,
            **cloud_fields,
        }
        return {"cloud": where, "beta9": {"domain": domain}}

    async def onboard(self, external_id: str) -> None:
        """Make the role, which trusts the platform with this external id alone."""
        await onboarding.onboard(self.sandbox, self.role_arn, external_id)

    async def trust_without_external_id(self) -> None:
        """Make the role's trust policy the one that a careless customer writes."""
        policy = onboarding.trust_policy("any")
        del policy["Statement"][0]["Condition"]  # type: ignore[index]
        iam = await self.client("iam")
        await asyncio.to_thread(iam.update_assume_role_policy, RoleName=ROLE, PolicyDocument=json.dumps(policy))

    async def client(self, service: str) -> Any:
        """boto3 as the account's administrator."""
        key = await cloud.administrator_key(self.sandbox, self.account_id)
        return await asyncio.to_thread(
            boto3.client,
            service,
            endpoint_url=self.sandbox,
            region_name=REGION,
            aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
        )

    async def inventory(self) -> dict[str, list[str]]:
        """What the account holds, by kind, but for the role that the customer made, and its policies."""
        answer = await ask(self.sandbox, "GET", f"accounts/{self.account_id}/inventory")
        resources: dict[str, list[str]] = answer["resources"]
        kept = {
            kind: [one for one in found if not one.endswith(f"/{ROLE}") and f":policy/{ROLE}-" not in one]
            for kind, found in resources.items()
        }
        return {kind: found for kind, found in kept.items() if found}


async def order_fault(sandbox: str, service: str, action: str, code: str, message: str, count: int = 1) -> None:
    """Let the next `count` calls of an AWS action fail."""
    fault = {"service": service, "action": action, "code": code, "message": message, "count": count}
    await ask(sandbox, "POST", "faults", fault)


async def ask(sandbox: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """A call of the sandbox's own API."""

    def call() -> dict[str, Any]:
        request = urllib.request.Request(
            f"{sandbox}/sandbox/{path}", method=method, data=json.dumps(body).encode() if body else None
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            result: dict[str, Any] = json.load(answer)
        return result

    return await asyncio.to_thread(call)
