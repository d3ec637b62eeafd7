"""Every resource of an account, so that a test can say that nothing was left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from libs.sandbox.aws.accounts import ADMINISTRATOR

Resources = dict[str, list[str]]
"""Ids or ARNs by kind, such as `ec2:vpc`; a kind without any is left out."""


def of_account(account_id: str) -> Resources:
    """What the account has in all regions, without what AWS itself puts into an empty one."""
    found: dict[str, list[str]] = {}
    for service, look in LOOKS.items():
        module, _, name = service.rpartition(".")
        for region, backend in _backends(module, name, account_id):
            for kind, identifier in look(backend):
                found.setdefault(kind, []).append(f"{region}/{identifier}")
    return {kind: sorted(identifiers) for kind, identifiers in sorted(found.items())}


def _backends(module: str, name: str, account_id: str) -> Iterator[tuple[str, Any]]:
    import sys

    if module not in sys.modules:
        return  # The service was never called, so it has nothing.
    backends = getattr(import_module(module), name)
    if account_id in list(backends):
        yield from list(backends[account_id].items())


def _ec2(ec2: Any) -> Iterator[tuple[str, str]]:
    from libs.sandbox.aws.ec2 import capacity_reservations

    default_vpcs = {vpc.id for vpc in ec2.vpcs.values() if vpc.is_default}
    yield from (("ec2:vpc", vpc_id) for vpc_id in ec2.vpcs if vpc_id not in default_vpcs)
    for by_id in ec2.subnets.values():
        yield from (("ec2:subnet", key) for key, item in by_id.items() if item.vpc_id not in default_vpcs)
    for vpc_id, groups in ec2.groups.items():
        for group in groups.values():
            if group.name != "default" and vpc_id not in default_vpcs:
                yield "ec2:security-group", group.id
    for table in ec2.route_tables.values():
        if table.vpc_id not in default_vpcs and not table.main_association_id:
            yield "ec2:route-table", table.id
    for gateway in ec2.nat_gateways.values():
        if gateway.state != "deleted":
            yield "ec2:nat-gateway", gateway.id
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.state == "available":
            yield "ec2:vpc-endpoint", endpoint.id
    yield from (("ec2:internet-gateway", key) for key in ec2.internet_gateways)
    yield from (("ec2:elastic-ip", str(address.allocation_id)) for address in ec2.addresses)
    yield from (("ec2:network-interface", key) for key in ec2.enis)
    yield from (("ec2:volume", key) for key in ec2.volumes)
    yield from (("ec2:snapshot", snapshot.id) for snapshot in ec2.snapshots.values() if not snapshot.from_ami)
    yield from (("ec2:launch-template", key) for key in ec2.launch_templates)
    yield from (("ec2:key-pair", key) for key in ec2.key_pairs)
    yield from (("ec2:flow-log", key) for key in ec2.flow_logs)
    yield from (("ec2:capacity-reservation", found.id) for found in capacity_reservations.living(ec2))
    for reservation in ec2.reservations.values():
        for instance in reservation.instances:
            if instance.state != "terminated":
                yield "ec2:instance", instance.id


def _iam(iam: Any) -> Iterator[tuple[str, str]]:
    yield from (("iam:user", name) for name in iam.users if name != ADMINISTRATOR)
    for role in iam.roles.values():
        if not role.path.startswith("/aws-service-role/"):
            yield "iam:role", role.name
    for policy in iam.managed_policies.values():
        if ":aws:policy" not in policy.arn:
            yield "iam:policy", policy.arn
    yield from (("iam:instance-profile", profile.name) for profile in iam.instance_profiles.values())
    yield from (("iam:oidc-provider", arn) for arn in iam.open_id_providers)


def _eks(eks: Any) -> Iterator[tuple[str, str]]:
    yield from (("eks:resource", arn) for arn in eks.tagged())


def _rds(rds: Any) -> Iterator[tuple[str, str]]:
    yield from (("rds:instance", key) for key in rds.databases)
    yield from (("rds:cluster", key) for key in rds.clusters)
    yield from (("rds:snapshot", key) for key in rds.database_snapshots)
    yield from (("rds:subnet-group", key) for key in rds.subnet_groups)
    for key in rds.db_parameter_groups:
        if not key.startswith("default."):
            yield "rds:parameter-group", key


def _elasticache(cache: Any) -> Iterator[tuple[str, str]]:
    yield from (("elasticache:replication-group", key) for key in cache.replication_groups)
    yield from (("elasticache:cache-cluster", key) for key in cache.cache_clusters)
    yield from (("elasticache:subnet-group", key) for key in cache.cache_subnet_groups)
    yield from (("elasticache:snapshot", key) for key in cache.snapshots)
    for key in cache.parameter_groups:
        if not key.startswith("default."):
            yield "elasticache:parameter-group", key


def _kms(kms: Any) -> Iterator[tuple[str, str]]:
    for key in kms.keys.values():
        # AWS' own keys, which come with the first use of a service, are the customer's to moto.
        own = key.key_manager == "CUSTOMER" and not any(name.startswith("alias/aws/") for name in key.aliases)
        if own and key.key_state != "PendingDeletion":
            yield "kms:key", key.id
        # An alias outlives the window of its key, and its name stays taken.
        yield from (("kms:alias", name) for name in key.aliases if not name.startswith("alias/aws/"))


def _secrets(secrets: Any) -> Iterator[tuple[str, str]]:
    for secret in secrets.secrets.values():
        if not secret.is_deleted():
            yield "secretsmanager:secret", secret.name


def _elbv2(elb: Any) -> Iterator[tuple[str, str]]:
    yield from (("elasticloadbalancing:load-balancer", arn) for arn in elb.load_balancers)
    yield from (("elasticloadbalancing:target-group", arn) for arn in elb.target_groups)


LOOKS: dict[str, Callable[[Any], Iterator[tuple[str, str]]]] = {
    "moto.ec2.models.ec2_backends": _ec2,
    "moto.iam.models.iam_backends": _iam,
    "libs.sandbox.aws.eks.models.eks_backends": _eks,
    "moto.rds.models.rds_backends": _rds,
    "libs.sandbox.aws.elasticache.models.elasticache_backends": _elasticache,
    "moto.s3.models.s3_backends": lambda s3: (("s3:bucket", name) for name in s3.buckets),
    "moto.kms.models.kms_backends": _kms,
    "moto.secretsmanager.models.secretsmanager_backends": _secrets,
    "moto.logs.models.logs_backends": lambda logs: (("logs:log-group", name) for name in logs.groups),
    "moto.elbv2.models.elbv2_backends": _elbv2,
    "moto.elb.models.elb_backends": lambda elb: (
        ("elasticloadbalancing:classic-load-balancer", name) for name in elb.load_balancers
    ),
    "moto.autoscaling.models.autoscaling_backends": lambda groups: (
        ("autoscaling:group", name) for name in groups.autoscaling_groups
    ),
    "moto.dynamodb.models.dynamodb_backends": lambda tables: (("dynamodb:table", name) for name in tables.tables),
    "moto.ssm.models.ssm_backends": lambda ssm: (
        ("ssm:parameter", name) for name in list(ssm._parameters) if not name.startswith("/aws/")
    ),
}
