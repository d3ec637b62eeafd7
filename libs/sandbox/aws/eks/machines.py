"""Which machines a node group has: instance types, AMI, launch template, and where they can be had."""

from __future__ import annotations

from typing import Any

from libs.sandbox.aws.ec2 import capacity_reservations, interfaces, launch_templates
from libs.sandbox.aws.eks import network
from libs.sandbox.aws.eks.control_planes import NodeGroup, Taint
from libs.sandbox.aws.eks.failures import InvalidParameter, InvalidRequest
from libs.sandbox.aws.eks.models import EksBackend, View
from libs.sandbox.aws.eks.node_settings import EFFECTS
from libs.sandbox.aws.eks.requests import EksRequest
from libs.sandbox.aws.kms import permits

_CAPACITY_TYPES = ("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")
_DEFAULT_TYPE = "t3.medium"
_DISK_ACTIONS = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext")


class LaunchFailed(RuntimeError):
    """EC2 has no machine for the group; its health tells why."""


class NeverJoined(RuntimeError):
    """The machines run, and the cluster does not let them in."""


def place(request: EksRequest, view: View) -> None:
    """Instance types, disk and AMI: the group's own, or the launch template's where it has one."""
    backend, given = request.backend, request.get("launchTemplate")
    types = list(request.get("instanceTypes", []))
    if view["capacityType"] not in _CAPACITY_TYPES:
        raise InvalidParameter(f"Capacity type {view['capacityType']} is not one of {', '.join(_CAPACITY_TYPES)}")
    if view["capacityType"] == "CAPACITY_BLOCK" and not given:
        raise InvalidParameter("Capacity type CAPACITY_BLOCK requires a launch template")
    if not given:
        _check_types(backend, types or [_DEFAULT_TYPE], view["amiType"])
        view["instanceTypes"] = types or [_DEFAULT_TYPE]
        view["diskSize"] = request.get("diskSize", 20)
        return
    found = _template(backend, given)
    view["launchTemplate"] = {"id": found.id, "name": found.name, "version": found.version}
    if request.get("diskSize"):
        raise InvalidParameter("Disk size must be specified within the launch template")
    if types and found.instance_type:
        raise InvalidParameter("Instance types may be specified in the request or in the launch template, not in both")
    if view["capacityType"] == "CAPACITY_BLOCK":
        _check_block(found)
    if found.image_id:
        # The AMI is the user's own, and EKS then knows neither its release nor its family.
        view["amiType"] = "CUSTOM"
        view["releaseVersion"] = found.image_id
    _check_types(backend, types or [found.instance_type or _DEFAULT_TYPE], view["amiType"])
    if types or not found.instance_type:
        view["instanceTypes"] = types or [_DEFAULT_TYPE]


def move(backend: EksBackend, view: View, given: View) -> str:
    """Take another version of the group's launch template; the version."""
    current = view["launchTemplate"]
    named = given.get("id") or given.get("name")
    if named not in (None, current["id"], current["name"]):
        raise InvalidParameter("The launch template of a nodegroup cannot be replaced by another one")
    found = _template(backend, {"id": current["id"], "version": given.get("version")})
    if bool(found.image_id) != (view["amiType"] == "CUSTOM"):
        raise InvalidParameter("A nodegroup cannot change between an AMI of its own and one of EKS")
    if found.image_id:
        view["releaseVersion"] = found.image_id
    view["launchTemplate"] = {"id": found.id, "name": found.name, "version": found.version}
    return found.version


def wanted(backend: EksBackend, view: View) -> NodeGroup:
    """The nodes that the group wants. Raises `LaunchFailed` when EC2 would not start its machines."""
    template = view.get("launchTemplate")
    found = _template(backend, template) if template else None
    types = tuple(view.get("instanceTypes") or ())
    if not types:
        types = (found.instance_type if found and found.instance_type else _DEFAULT_TYPE,)
    desired = int(view["scalingConfig"]["desiredSize"])
    zones = network.zones(backend, view["subnets"])
    if desired:
        zones = _offering(backend, types, zones)
        _check_disks(backend, found.disk_key_arns if found else ())
        if found and found.reservation_id:
            zones = _reserved(backend, found.reservation_id, types, zones)
    labels = {
        "eks.amazonaws.com/nodegroup": view["nodegroupName"],
        "eks.amazonaws.com/nodegroup-image": f"ami-{view['nodegroupArn'][-12:]}",
        "eks.amazonaws.com/capacityType": view["capacityType"],
    }
    if template:
        labels["eks.amazonaws.com/sourceLaunchTemplateId"] = template["id"]
        labels["eks.amazonaws.com/sourceLaunchTemplateVersion"] = template["version"]
    return NodeGroup(
        name=view["nodegroupName"],
        labels=labels | view["labels"],
        taints=tuple(
            Taint(taint["key"], taint.get("value") or "", EFFECTS[taint["effect"]]) for taint in view["taints"]
        ),
        instance_types=types,
        desired_size=desired,
        release_version=view["releaseVersion"] if found is None or not found.image_id else f"{view['version']}.0",
        zones=zones,
        template=f"{template['id']}/{template['version']}" if template else "",
        has_gpu_driver=any(word in view["amiType"] for word in ("NVIDIA", "GPU", "CUSTOM")),
    )


def _template(backend: EksBackend, given: View) -> launch_templates.LaunchTemplate:
    found = launch_templates.find(
        backend.account_id, backend.region_name, given.get("id"), given.get("name"), given.get("version")
    )
    if found is None:
        raise InvalidRequest("Launch template details can't be found: the launch template does not exist")
    return found


def _check_block(template: launch_templates.LaunchTemplate) -> None:
    """What a capacity block's template must say."""
    if template.market_type != "capacity-block" or not template.reservation_id or not template.instance_type:
        raise InvalidParameter(
            "Capacity type CAPACITY_BLOCK requires a launch template with an instance type, the market type "
            "capacity-block and a capacity reservation id"
        )


def _check_types(backend: EksBackend, types: list[str], ami_type: str) -> None:
    ec2 = interfaces.backend(backend.account_id, backend.region_name)
    known: dict[str, Any] = {found["InstanceType"]: found for found in ec2.describe_instance_types()}
    missing = [name for name in types if name not in known]
    if missing:
        raise InvalidParameter(f"The following supplied instance types do not exist: [{', '.join(missing)}]")
    if ami_type == "CUSTOM":
        return
    architecture = "arm64" if "ARM" in ami_type.upper() else "x86_64"
    wrong = [name for name in types if architecture not in known[name]["ProcessorInfo"]["SupportedArchitectures"]]
    if wrong:
        raise InvalidParameter(f"[{', '.join(wrong)}] is not a valid instance type for requested amiType {ami_type}")


def _check_disks(backend: EksBackend, key_arns: tuple[str, ...]) -> None:
    """Auto Scaling must be let to a customer's key by the key itself: its role's policy says nothing of keys."""
    role = (
        f"arn:{backend.partition}:iam::{backend.account_id}:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling"
    )
    context = {"kms:GrantIsForAWSResource": "true", "kms:ViaService": f"ec2.{backend.region_name}.amazonaws.com"}
    for arn in key_arns:
        if not permits.permits_role(arn, role, _DISK_ACTIONS, context):
            raise LaunchFailed(
                f"Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state, or does not let "
                f"{role} use it: {arn}"
            )


def _offering(backend: EksBackend, types: tuple[str, ...], zones: tuple[str, ...]) -> tuple[str, ...]:
    ec2 = interfaces.backend(backend.account_id, backend.region_name)
    offers = ec2.describe_instance_type_offerings("availability-zone", {"instance-type": list(types)})
    offered = {offer["Location"] for offer in offers}
    found = tuple(zone for zone in zones if zone in offered)
    if not found:
        raise LaunchFailed(
            f"Your requested instance type ({', '.join(types)}) is not supported in your requested Availability "
            f"Zone ({', '.join(zones)})."
        )
    return found


def _reserved(
    backend: EksBackend, reservation_id: str, types: tuple[str, ...], zones: tuple[str, ...]
) -> tuple[str, ...]:
    ec2 = interfaces.backend(backend.account_id, backend.region_name)
    found = capacity_reservations.of(ec2).get(reservation_id)
    if found is None or found.state != "active" or found.instance_type not in types:
        raise LaunchFailed(f"The capacity reservation {reservation_id} is not active for {', '.join(types)}.")
    if found.availability_zone not in zones:
        raise LaunchFailed(
            f"The capacity reservation {reservation_id} is in {found.availability_zone}, where the group has no subnet."
        )
    return (found.availability_zone,)
