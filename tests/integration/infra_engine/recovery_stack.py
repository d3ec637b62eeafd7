"""A stack written by hand for tests of the recovery: as little as has everything that can go wrong, and no Node."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from services.infra_engine.synthesis import Synthesized
from tests.integration.infra_engine.surroundings import REGION

ROLE, CLUSTER, SECRET = "beta9-mended-gateway", "beta9-mended", "beta9/mended/postgres"
_NODES = "beta9-mended-nodes"


def network(*, grown: bool) -> dict[str, Any]:
    """A VPC with one subnet, grown with two, a security group, a role and a secret."""
    subnets = {
        f"subnet_{letter}": {"vpc_id": "${aws_vpc.vpc.id}", "cidr_block": f"10.0.{index}.0/24"}
        for index, letter in enumerate("ab" if grown else "a")
    }
    return {
        "aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16"}},
        "aws_subnet": subnets,
        "aws_security_group": {
            "nodes": {"name": "nodes", "description": "Nodes of nothing", "vpc_id": "${aws_vpc.vpc.id}"}
        },
        "aws_iam_role": {"gateway_role": {"name": ROLE, "assume_role_policy": _trust("ec2.amazonaws.com")}},
        "aws_secretsmanager_secret": {"database_secret": {"name": SECRET, "recovery_window_in_days": 0}},
    }


def nodes(subnets: list[str], key: str) -> dict[str, Any]:
    """A cluster with nodes whose disks a key of the customer's encrypts."""
    disk = {"device_name": "/dev/xvda", "ebs": {"volume_size": 20, "encrypted": "true", "kms_key_id": key}}
    return {
        "aws_iam_role": {
            "cluster_role": {"name": CLUSTER, "assume_role_policy": _trust("eks.amazonaws.com")},
            "node_role": {"name": _NODES, "assume_role_policy": _trust("ec2.amazonaws.com")},
        },
        "aws_eks_cluster": {
            "cluster": {
                "name": CLUSTER,
                "role_arn": "${aws_iam_role.cluster_role.arn}",
                "vpc_config": {"subnet_ids": subnets},
                "access_config": {"authentication_mode": "API"},
            }
        },
        "aws_launch_template": {"template": {"name": _NODES, "block_device_mappings": disk}},
        "aws_eks_node_group": {
            "system": {
                "cluster_name": "${aws_eks_cluster.cluster.name}",
                "node_group_name": _NODES,
                "node_role_arn": "${aws_iam_role.node_role.arn}",
                "subnet_ids": subnets,
                "scaling_config": {"min_size": 1, "desired_size": 1, "max_size": 1},
                "launch_template": {
                    "id": "${aws_launch_template.template.id}",
                    "version": "${aws_launch_template.template.latest_version}",
                },
            }
        },
    }


def stack(uid: str, *parts: Mapping[str, Mapping[str, Any]]) -> Synthesized:
    """The parts as one stack of an environment; its provider has the credentials of its surroundings."""
    resources: dict[str, dict[str, Any]] = {}
    for part in parts:
        for kind, ones in part.items():
            resources.setdefault(kind, {}).update(ones)
    main = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
        "provider": {
            "aws": [
                {
                    "region": REGION,
                    "s3_use_path_style": True,
                    "default_tags": [{"tags": "${var.tags}"}],
                }
            ]
        },
        "variable": {"tags": {"type": "map(string)"}},
        "resource": resources,
    }
    raw = json.dumps(main, indent=2, sort_keys=True).encode()
    version = f"by-hand-{hashlib.sha256(raw).hexdigest()[:12]}"
    return Synthesized(raw, {"tags": {"EnvironmentId": uid}}, version, frozenset(), ())


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
