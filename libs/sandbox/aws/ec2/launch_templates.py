"""Launch templates, as node groups read them.

AWS: a template's own tags and what its machines are tagged with are apart.
moto: the tags of the call leak into the template's data, which drifts in a second plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LaunchTemplate:
    """One version of a launch template."""

    id: str
    name: str
    version: str
    image_id: str | None


def find(
    account_id: str, region: str, template_id: str | None, name: str | None, version: Any
) -> LaunchTemplate | None:
    """The version (the default one when none is named) of a template by id or name, or None."""
    from libs.sandbox.aws.ec2.interfaces import backend

    for template in backend(account_id, region).launch_templates.values():
        if template.id == template_id or template.name == name:
            found = template.get_version(version or "$Default")
            return LaunchTemplate(template.id, template.name, str(version or found.number), found.image_id or None)
    return None


def mend() -> None:
    """Keep a template's tags out of its data."""
    from moto.ec2.models.launch_templates import LaunchTemplate as MotoLaunchTemplate

    original = MotoLaunchTemplate.create_version

    def create_version(self: MotoLaunchTemplate, data: dict[str, Any], description: str) -> Any:
        specifications = data.get("TagSpecifications")
        if specifications:
            kept = [item for item in specifications if item.get("ResourceType") != "launch-template"]
            data["TagSpecifications"] = kept
        return original(self, data, description)

    MotoLaunchTemplate.create_version = create_version  # type: ignore[method-assign]
