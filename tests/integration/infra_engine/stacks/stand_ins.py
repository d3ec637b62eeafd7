"""Outputs of backends that a test stack does not build: the names of the real ones, with values that lead nowhere."""

from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.stack_input import StackInput

TYPE = "object({text = map(string), port = map(number), flag = map(bool)})"

BACKENDS = {
    "rds_endpoint": "var.stand_ins.text.rds_endpoint",
    "rds_address": "var.stand_ins.text.rds_address",
    "rds_port": "var.stand_ins.port.rds_port",
    "rds_database": "var.stand_ins.text.rds_database",
    "rds_username": "var.stand_ins.text.rds_username",
    "redis_endpoint": "var.stand_ins.text.redis_endpoint",
    "redis_port": "var.stand_ins.port.redis_port",
    "redis_tls": "var.stand_ins.flag.redis_tls",
}
CLUSTER = {
    name: f"var.stand_ins.text.{name}"
    for name in (
        "vpc_id",
        "cluster_arn",
        "cluster_endpoint",
        "cluster_certificate_authority_data",
        "cluster_security_group_id",
        "oidc_issuer",
        "oidc_provider_arn",
        "node_role_arn",
        "kms_key_arn",
        "cluster_autoscaler_role_arn",
        "load_balancer_controller_role_arn",
    )
}


def stand_ins(stack_input: StackInput) -> dict[str, dict[str, object]]:
    """The value of the variable `stand_ins`."""
    base = resource_names(stack_input)["base"]
    account = stack_input.account.account_id
    region = stack_input.account.region
    return {
        "text": {
            "rds_endpoint": f"{base}.rds.example.com:5432",
            "rds_address": f"{base}.rds.example.com",
            "rds_database": "beta9",
            "rds_username": "beta9",
            "redis_endpoint": f"{base}.cache.example.com",
            "vpc_id": "vpc-00000000000000000",
            "cluster_arn": f"arn:aws:eks:{region}:{account}:cluster/{base}",
            "cluster_endpoint": "https://cluster.example.com",
            "cluster_certificate_authority_data": "bm9uZQ==",
            "cluster_security_group_id": "sg-00000000000000000",
            "oidc_issuer": "https://oidc.example.com/id/none",
            "oidc_provider_arn": f"arn:aws:iam::{account}:oidc-provider/oidc.example.com/id/none",
            "node_role_arn": f"arn:aws:iam::{account}:role/{base}-node",
            "kms_key_arn": f"arn:aws:kms:{region}:{account}:key/none",
            "cluster_autoscaler_role_arn": f"arn:aws:iam::{account}:role/{base}-cluster-autoscaler",
            "load_balancer_controller_role_arn": f"arn:aws:iam::{account}:role/{base}-load-balancer",
        },
        "port": {"rds_port": 5432, "redis_port": 6379},
        "flag": {"redis_tls": True},
    }


def variables(stack_input: StackInput) -> dict[str, object]:
    """The real stack's variables, and the stand-ins."""
    return {**stack_variables(stack_input), "stand_ins": stand_ins(stack_input)}
