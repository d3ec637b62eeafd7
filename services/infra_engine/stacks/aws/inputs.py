"""Declares the stack's variables and hands them out as references."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from services.infra_engine.stacks.bindings import cdktf

_GROUP = {
    "name": "string",
    "template_name": "string",
    "instance_types": "list(string)",
    "ami_type": "string",
    "capacity_type": "string",
    "min_size": "number",
    "max_size": "number",
    "desired_size": "number",
    "disk_gb": "number",
    "labels": "map(string)",
    "taints": "list(object({key = string, value = string, effect = string}))",
    "capacity_reservation_id": "string",
    "zone_id": "string",
    "instance_tags": "map(string)",
}
TYPES: Mapping[str, str] = {
    "region": "string",
    "partition": "string",
    "account_id": "string",
    "role_arn": "string",
    "external_id": "string",
    "session_name": "string",
    "max_retries": "number",
    "s3_path_style": "bool",
    "tags": "map(string)",
    "names": "map(string)",
    "permissions_boundary_arn": "string",
    "kms_key_arn": "string",
    "network_cidr": "string",
    "zone_ids": "list(string)",
    "excluded_zone_ids": "list(string)",
    "public_subnet_cidrs": "list(string)",
    "private_subnet_cidrs": "list(string)",
    "public_subnet_tags": "map(string)",
    "private_subnet_tags": "map(string)",
    "existing_vpc_id": "string",
    "existing_private_subnet_ids": "list(string)",
    "existing_public_subnet_ids": "list(string)",
    "log_retention_days": "number",
    "cluster_version": "string",
    "cluster_support_type": "string",
    "cluster_public_endpoint": "bool",
    "cluster_public_cidrs": "list(string)",
    "coredns_settings": "string",
    "ebs_csi_settings": "string",
    "node_groups": f"map(object({{{', '.join(f'{name} = {kind}' for name, kind in _GROUP.items())}}}))",
    "postgres_version": "string",
    "postgres_family": "string",
    "postgres_instance_class": "string",
    "postgres_storage_gb": "number",
    "postgres_max_storage_gb": "number",
    "postgres_multi_az": "bool",
    "postgres_backup_retention_days": "number",
    "postgres_backup_window": "string",
    "postgres_maintenance_window": "string",
    "postgres_deletion_protection": "bool",
    "postgres_skip_final_snapshot": "bool",
    "postgres_password_version": "number",
    "cache_engine": "string",
    "cache_engine_version": "string",
    "cache_family": "string",
    "cache_node_type": "string",
    "cache_nodes": "number",
    "cache_failover": "bool",
    "cache_snapshot_retention_days": "number",
    "cache_snapshot_window": "string",
    "cache_maintenance_window": "string",
    "bucket_versioning": "string",
    "bucket_lifecycle_days": "number",
}
# Null is as if the argument were not written.
_NULLABLE = frozenset(
    {
        "external_id",
        "permissions_boundary_arn",
        "kms_key_arn",
        "existing_vpc_id",
        "cluster_public_cidrs",
        "postgres_max_storage_gb",
        "postgres_backup_window",
        "postgres_maintenance_window",
        "cache_snapshot_window",
        "cache_maintenance_window",
    }
)
_NONE: Mapping[str, str] = MappingProxyType({})


class Inputs:
    """References to variables, typed as the constructs want them. A variable may be a path such as `names.base`."""

    def __init__(self, stack: Any, *, secrets: tuple[str, ...] = (), others: Mapping[str, str] = _NONE) -> None:
        """Declares the variables of `stack_variables`, `secrets` as strings that are in neither plan nor state, and
        `others` by their Terraform types.

        One override declares them all: a construct for each would cost as much time as the rest of the stack, and cdktf
        0.21 has no `ephemeral` anyway, without which a saved plan holds a secret's value.
        """
        declared: dict[str, dict[str, object]] = {
            name: {"type": kind, "nullable": name in _NULLABLE} for name, kind in {**TYPES, **others}.items()
        }
        for name in secrets:
            declared[name] = {"type": "string", "nullable": False, "sensitive": True, "ephemeral": True}
        stack.add_override("variable", declared)
        self._stack = stack

    def text(self, variable: str) -> str:
        return f"${{var.{variable}}}"

    def item(self, variable: str, index: int) -> str:
        """One string of a list."""
        return f"${{var.{variable}[{index}]}}"

    def name(self, resource: str) -> str:
        """The name of a resource, from the `names` map."""
        return f"${{var.names.{resource}}}"

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """An ARN in the environment's account; IAM's have no region."""
        region = self.text("region") if regional else ""
        return f"arn:{self.text('partition')}:{service}:{region}:{self.text('account_id')}:{resource}"

    def aws_policy(self, name: str) -> str:
        """The ARN of a policy that AWS maintains."""
        return f"arn:{self.text('partition')}:iam::aws:policy/{name}"

    def boundary(self) -> str:
        """What bounds every role and user that is made; null without one."""
        return self.text("permissions_boundary_arn")

    def local(self, name: str, expression: str) -> str:
        """Declares a local value and gives its reference: for calls, whose quotes cannot stand inside other texts."""
        self._stack.add_override(f"locals.{name}", f"${{{expression}}}")
        return f"${{local.{name}}}"

    def number(self, variable: str) -> float:
        return _number(variable)

    def flag(self, variable: str) -> Any:
        return _resolvable(variable)

    def texts(self, variable: str) -> list[str]:
        return _texts(f"var.{variable}")

    def mapping(self, variable: str) -> dict[str, str]:
        return _mapping(variable)


def listed(reference: str) -> list[str]:
    """The list that a reference such as `data.aws_subnets.public.ids` stands for."""
    return _texts(reference)


# Tokens belong to the process and not to a stack, and each costs a call to Node: made once.


@cache
def _number(variable: str) -> float:
    return float(cdktf.Token.as_number(f"${{var.{variable}}}"))


@cache
def _resolvable(variable: str) -> Any:
    return cdktf.Token.as_any(f"${{var.{variable}}}")


@cache
def _texts(reference: str) -> list[str]:
    return list(cdktf.Token.as_list(f"${{{reference}}}"))


@cache
def _mapping(variable: str) -> dict[str, str]:
    return dict(cdktf.Token.as_string_map(f"${{var.{variable}}}"))
