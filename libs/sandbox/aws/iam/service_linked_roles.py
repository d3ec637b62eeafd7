"""Roles that a service makes for itself.

AWS: has a name of its own for each service; a second one is InvalidInput; a service that needs one makes it.
moto: makes names up, and answers EntityAlreadyExists.
"""

from __future__ import annotations

from moto.iam.exceptions import EntityAlreadyExists, InvalidInput
from moto.iam.models import IAMBackend, Role, iam_backends

_NAMES = {
    "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
    "eks.amazonaws.com": "AWSServiceRoleForAmazonEKS",
    "eks-nodegroup.amazonaws.com": "AWSServiceRoleForAmazonEKSNodegroup",
    "elasticache.amazonaws.com": "AWSServiceRoleForElastiCache",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "rds.amazonaws.com": "AWSServiceRoleForRDS",
    "spot.amazonaws.com": "AWSServiceRoleForEC2Spot",
}


def mend() -> None:
    """Use AWS' names and its error."""
    original = IAMBackend.create_service_linked_role

    def create(self: IAMBackend, service_name: str, description: str, suffix: str) -> Role:
        known = _NAMES.get(service_name)
        if known is None:
            return original(self, service_name, description, suffix)
        if suffix and service_name != "autoscaling.amazonaws.com":
            raise InvalidInput(f"Custom suffix is not allowed for {service_name}")
        name = f"{known}_{suffix}" if suffix else known
        taken = InvalidInput(f"Service role name {name} has been taken in this account, please try a different suffix.")
        if any(role.name == name for role in self.roles.values()):
            raise taken
        try:
            made = original(self, service_name, description, suffix)
        except EntityAlreadyExists as error:
            raise taken from error
        made.name = name
        return made

    IAMBackend.create_service_linked_role = create  # type: ignore[method-assign]


def ensure(account_id: str, service_name: str) -> None:
    """Make a service's role on its behalf when there is none."""
    from libs.sandbox.aws.moto_apps import mend as mend_service

    mend_service("iam")
    iam = iam_backends[account_id]["aws"]
    if not any(role.name == _NAMES[service_name] for role in iam.roles.values()):
        iam.create_service_linked_role(service_name, "", "")
