"""Declares the stack's variables and hands them out as references."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from services.infra_engine.stacks.bindings import cdktf

_TYPES = {
    "region": "string",
    "account_id": "string",
    "role_arn": "string",
    "external_id": "string",
    "session_name": "string",
    "max_retries": "number",
    "s3_path_style": "bool",
    "tags": "map(string)",
    "names": "map(string)",
    "network_cidr": "string",
    "public_subnet_cidrs": "list(string)",
    "private_subnet_cidrs": "list(string)",
    "public_subnet_tags": "map(string)",
    "private_subnet_tags": "map(string)",
    "excluded_zone_ids": "list(string)",
    "cluster_version": "string",
    "cluster_support_type": "string",
    "cluster_public_cidrs": "list(string)",
    "cluster_log_retention_days": "number",
    "node_instance_types": "list(string)",
    "node_min_size": "number",
    "node_max_size": "number",
    "node_desired_size": "number",
    "node_disk_gb": "number",
    "node_labels": "map(string)",
    "node_instance_tags": "map(string)",
    "postgres_version": "string",
    "postgres_family": "string",
    "postgres_instance_class": "string",
    "postgres_storage_gb": "number",
    "postgres_multi_az": "bool",
    "postgres_backup_retention_days": "number",
    "postgres_skip_final_snapshot": "bool",
    "postgres_password_version": "number",
    "cache_engine": "string",
    "cache_engine_version": "string",
    "cache_family": "string",
    "cache_node_type": "string",
    "cache_nodes": "number",
    "cache_failover": "bool",
    "bucket_versioning": "string",
    "bucket_lifecycle_days": "number",
}
_NULLABLE = frozenset({"external_id"})
_NONE: Mapping[str, str] = MappingProxyType({})


class Inputs:
    """References to variables, typed as the constructs want them."""

    def __init__(self, stack: Any, *, secrets: tuple[str, ...] = (), others: Mapping[str, str] = _NONE) -> None:
        """Declares the variables of `stack_variables`, `secrets` as strings that are in neither plan nor state, and
        `others` by their Terraform types.

        One override declares them all: a construct for each would cost as much time as the rest of the stack, and cdktf
        0.21 has no `ephemeral` anyway, without which a saved plan holds a secret's value.
        """
        declared: dict[str, dict[str, object]] = {
            name: {"type": kind, "nullable": name in _NULLABLE} for name, kind in {**_TYPES, **others}.items()
        }
        for name in secrets:
            declared[name] = {"type": "string", "nullable": False, "sensitive": True, "ephemeral": True}
        stack.add_override("variable", declared)

    def text(self, variable: str) -> str:
        return f"${{var.{variable}}}"

    def item(self, variable: str, index: int) -> str:
        """One string of a list."""
        return f"${{var.{variable}[{index}]}}"

    def name(self, resource: str) -> str:
        """The name of a resource, from the `names` map."""
        return f"${{var.names.{resource}}}"

    def number(self, variable: str) -> float:
        return _number(variable)

    def flag(self, variable: str) -> Any:
        return _resolvable(variable)

    def texts(self, variable: str) -> list[str]:
        return _texts(variable)

    def mapping(self, variable: str) -> dict[str, str]:
        return _mapping(variable)


# Tokens belong to the process and not to a stack, and each costs a call to Node: made once.


@cache
def _number(variable: str) -> float:
    return float(cdktf.Token.as_number(f"${{var.{variable}}}"))


@cache
def _resolvable(variable: str) -> Any:
    return cdktf.Token.as_any(f"${{var.{variable}}}")


@cache
def _texts(variable: str) -> list[str]:
    return list(cdktf.Token.as_list(f"${{var.{variable}}}"))


@cache
def _mapping(variable: str) -> dict[str, str]:
    return dict(cdktf.Token.as_string_map(f"${{var.{variable}}}"))
