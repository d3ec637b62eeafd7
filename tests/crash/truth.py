"""What must hold of an environment that has come to rest: the account, the shipped state and the document say the same.

Every function answers what is wrong, one sentence a fault; nothing wrong is an empty list.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from tests.crash.lab import Lab
from tests.e2e.customer import Customer
from tests.e2e.observing import programs_of

# By a resource's type: its kind in the sandbox's inventory, and the attribute that names it there.
_KINDS = {
    "aws_vpc": ("ec2:vpc", "id"),
    "aws_subnet": ("ec2:subnet", "id"),
    "aws_security_group": ("ec2:security-group", "id"),
    "aws_route_table": ("ec2:route-table", "id"),
    "aws_internet_gateway": ("ec2:internet-gateway", "id"),
    "aws_iam_role": ("iam:role", "id"),
    "aws_iam_instance_profile": ("iam:instance-profile", "id"),
    "aws_s3_bucket": ("s3:bucket", "id"),
    "aws_secretsmanager_secret": ("secretsmanager:secret", "name"),
}
_ALWAYS = {
    "aws_vpc.vpc", "aws_internet_gateway.gateway", "aws_route_table.table", "aws_route.way_out",
    "aws_subnet.subnet_a", "aws_route_table_association.routes_a", "aws_security_group.nodes",
    "aws_vpc_security_group_ingress_rule.to_nodes", "aws_iam_role.gateway_role", "aws_iam_role_policy.gateway_policy",
    "aws_iam_instance_profile.gateway_profile", "aws_s3_bucket.bucket", "aws_s3_bucket_versioning.bucket_versioning",
    "aws_secretsmanager_secret.database_secret", "aws_secretsmanager_secret_version.database_secret_value",
}  # fmt: skip
_SMALL_ONLY = {"aws_iam_role_policy_attachment.gateway_reads"}
_GROWN_ONLY = {"aws_subnet.subnet_b", "aws_route_table_association.routes_b"}
_PATIENCE = 15.0


class State:
    """A shipped state."""

    def __init__(self, raw: bytes) -> None:
        self._resources = json.loads(raw)["resources"]

    def attributes(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Type, address and attributes of every managed resource."""
        for resource in self._resources:
            if resource["mode"] == "managed":
                for instance in resource["instances"]:
                    yield resource["type"], f"{resource['type']}.{resource['name']}", instance["attributes"]

    def one(self, address: str) -> dict[str, Any]:
        return next((found for _, name, found in self.attributes() if name == address), {})

    def half_made(self) -> list[str]:
        """Addresses that are tainted, or whose replaced object is still there."""
        return [
            f"{resource['type']}.{resource['name']}"
            for resource in self._resources
            for instance in resource["instances"]
            if instance.get("status") or instance.get("deposed")
        ]


async def built(lab: Lab, customer: Customer, uid: str, *, grown: bool) -> list[str]:
    """Faults of an environment that was created or updated."""
    state = await shipped(lab, customer, uid)
    if state is None:
        return ["no state was shipped"]
    wrong = [f"{address} is half made in the state" for address in state.half_made()]
    addresses = [address for _, address, _ in state.attributes()]
    wished = _ALWAYS | (_GROWN_ONLY if grown else _SMALL_ONLY)
    wrong += [f"{one} is wished and not in the state" for one in sorted(wished - set(addresses))]
    wrong += [f"{one} is in the state and not wished" for one in sorted(set(addresses) - wished)]
    wrong += _unlike(await inventory(customer), _of_state(state))
    if not wrong:
        wrong += await asyncio.to_thread(_parts, await _clients(customer), state, grown)
    return wrong + await at_rest(lab, customer, uid)


async def destroyed(lab: Lab, customer: Customer, uid: str) -> list[str]:
    """Faults of an environment that was deleted."""
    wrong = _unlike(await inventory(customer), {})
    state = await shipped(lab, customer, uid)
    if state is not None:
        wrong += [f"{address} is left in the state" for _, address, _ in state.attributes()]
    if (lab.work / uid).exists():
        wrong.append("its work folder is left")
    return wrong + await at_rest(lab, customer, uid)


async def at_rest(lab: Lab, customer: Customer, uid: str) -> list[str]:
    """Faults of what is held: locks, leases and processes, once those had their time to end."""
    ends = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        bucket, key = await _place(lab, uid)
        wrong = [f"the lease {lease} is held" for lease in await lab.leases(uid)]
        wrong += [f"{one.name} ({one.pid}) runs" for one in programs_of(lab.platform) if uid in one.folder]
        if bucket and await _object(customer, bucket, f"{key}.tflock") is not None:
            wrong.append("the lock object is there")
        if not wrong or asyncio.get_running_loop().time() > ends:
            return wrong
        await asyncio.sleep(0.1)


async def shipped(lab: Lab, customer: Customer, uid: str) -> State | None:
    """The state as the bucket has it, None where there is none."""
    bucket, key = await _place(lab, uid)
    raw = await _object(customer, bucket, key) if bucket else None
    return State(raw) if raw is not None else None


async def inventory(customer: Customer) -> dict[str, set[str]]:
    """Identifiers by kind, without the bucket of the states."""
    found: dict[str, set[str]] = {}
    for kind, items in (await customer.inventory()).items():
        own = {item.partition("/")[2] for item in items if "/beta9-tf-state-" not in item}
        if own:
            found[kind] = own
    return found


def _of_state(state: State) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, _, attributes in state.attributes():
        if kind in _KINDS:
            name, attribute = _KINDS[kind]
            found.setdefault(name, set()).add(attributes[attribute])
    return found


def _unlike(account: dict[str, set[str]], state: dict[str, set[str]]) -> list[str]:
    """What the account has and the state lacks, a duplicate or an orphan, and the other way round."""
    wrong = []
    for kind in sorted({*account, *state}):
        has, known = account.get(kind, set()), state.get(kind, set())
        wrong += [f"{kind} {one} is in the account and not in the state" for one in sorted(has - known)]
        wrong += [f"{kind} {one} is in the state and not in the account" for one in sorted(known - has)]
    return wrong


async def _clients(customer: Customer) -> dict[str, Any]:
    return {name: await customer.client(name) for name in ("ec2", "iam", "s3", "secretsmanager")}


def _parts(clients: dict[str, Any], state: State, grown: bool) -> list[str]:
    """What is known by its parent, and what the document says of the inside of things."""
    ec2, iam = clients["ec2"], clients["iam"]
    group, role = state.one("aws_security_group.nodes")["id"], state.one("aws_iam_role.gateway_role")["id"]
    table = ec2.describe_route_tables(RouteTableIds=[state.one("aws_route_table.table")["id"]])["RouteTables"][0]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    secret = clients["secretsmanager"].list_secret_version_ids(
        SecretId=state.one("aws_secretsmanager_secret.database_secret")["id"]
    )
    current = [one["VersionId"] for one in secret["Versions"] if "AWSCURRENT" in one["VersionStages"]]
    policy = json.dumps(iam.get_role_policy(RoleName=role, PolicyName="objects")["PolicyDocument"])
    bucket = state.one("aws_s3_bucket.bucket")["id"]
    rule = state.one("aws_vpc_security_group_ingress_rule.to_nodes")["id"]
    facts = {
        "associations": (
            {one["RouteTableAssociationId"] for one in table["Associations"]},
            {found["id"] for kind, _, found in state.attributes() if kind == "aws_route_table_association"},
        ),
        "routes": (
            {one["DestinationCidrBlock"]: one.get("GatewayId") for one in table["Routes"]},
            {"10.0.0.0/16": "local", "0.0.0.0/0": state.one("aws_internet_gateway.gateway")["id"]},
        ),
        "rules": (
            [(one["SecurityGroupRuleId"], one["IsEgress"], one["ToPort"]) for one in rules],
            [(rule, False, 8443 if grown else 443)],
        ),
        "attached policies": (
            len(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]),
            0 if grown else 1,
        ),
        "policies": (iam.list_role_policies(RoleName=role)["PolicyNames"], ["objects"]),
        "the policy allows writing": ("PutObject" in policy, grown),
        "roles of the profile": (
            [one["RoleName"] for one in iam.get_instance_profile(InstanceProfileName=role)["InstanceProfile"]["Roles"]],
            [role],
        ),
        "versioning": (clients["s3"].get_bucket_versioning(Bucket=bucket).get("Status"), "Enabled"),
        "current version of the secret": (
            current,
            [state.one("aws_secretsmanager_secret_version.database_secret_value")["version_id"]],
        ),
    }
    return [f"{what}: {has!r} instead of {wished!r}" for what, (has, wished) in facts.items() if has != wished]


async def _place(lab: Lab, uid: str) -> tuple[str, str]:
    rows = await lab.fetch("select bucket, key from state_backend_manager.state_backends where uid = $1", uid)
    return (rows[0]["bucket"], rows[0]["key"]) if rows else ("", "")


async def _object(customer: Customer, bucket: str, key: str) -> bytes | None:
    s3 = await customer.client("s3")

    def read() -> bytes | None:
        try:
            return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return None

    return await asyncio.to_thread(read)
