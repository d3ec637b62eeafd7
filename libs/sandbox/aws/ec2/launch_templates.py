"""Launch templates, as node groups read them.

AWS: a template's own tags and what its machines are tagged with are apart.
moto: the tags of the call leak into the template's data, which drifts in a second plan; a changed tag is never
seen; lists end after fifteen without a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_MOST = 1000


@dataclass(frozen=True, slots=True)
class LaunchTemplate:
    """One version of a launch template."""

    id: str
    name: str
    version: str
    image_id: str | None
    instance_type: str | None = None
    market_type: str | None = None
    reservation_id: str | None = None
    disk_key_arns: tuple[str, ...] = ()


def find(
    account_id: str, region: str, template_id: str | None, name: str | None, version: Any
) -> LaunchTemplate | None:
    """The version (the default one when none is named) of a template by id or name, or None."""
    from libs.sandbox.aws.ec2.interfaces import backend

    for template in backend(account_id, region).launch_templates.values():
        if template.id == template_id or template.name == name:
            number = str(version or "$Default")
            if not number.startswith("$") and not (number.isdigit() and 1 <= int(number) <= len(template.versions)):
                return None
            found = template.get_version(number)
            data = found.data
            target = (data.get("CapacityReservationSpecification") or {}).get("CapacityReservationTarget") or {}
            return LaunchTemplate(
                template.id,
                template.name,
                str(version or found.number),
                found.image_id or None,
                found.instance_type or None,
                (data.get("InstanceMarketOptions") or {}).get("MarketType"),
                target.get("CapacityReservationId"),
                tuple(key for disk in data.get("BlockDeviceMappings") or [] if (key := _disk_key(disk))),
            )
    return None


def _disk_key(disk: dict[str, Any]) -> str | None:
    return (disk.get("Ebs") or {}).get("KmsKeyId")


def mend() -> None:
    """Keep a template's tags out of its data and as they are now, and list more than fifteen."""
    from moto.ec2.models.launch_templates import LaunchTemplate as MotoLaunchTemplate

    # moto's constructor writes them down once; what is written is thrown away.
    MotoLaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)  # type: ignore[assignment]
    _list_all()
    original = MotoLaunchTemplate.create_version

    def create_version(self: MotoLaunchTemplate, data: dict[str, Any], description: str) -> Any:
        specifications = data.get("TagSpecifications")
        if specifications:
            kept = [item for item in specifications if item.get("ResourceType") != "launch-template"]
            data["TagSpecifications"] = kept
        return original(self, data, description)

    MotoLaunchTemplate.create_version = create_version  # type: ignore[method-assign]


def _list_all() -> None:
    from moto.ec2.responses.launch_templates import LaunchTemplates

    for name in ("describe_launch_templates", "describe_launch_template_versions"):
        original = getattr(LaunchTemplates, name)

        def described(self: Any, original: Any = original) -> Any:
            self.params.setdefault("MaxResults", _MOST)
            return original(self)

        setattr(LaunchTemplates, name, described)
