"""Descriptions of security-group rules.

AWS: every rule has its description, whatever it names, and ModifySecurityGroupRules changes it and the
group it refers to.
moto: shows only the description of a CIDR rule, and modifies nothing of a rule that names a group.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule


def mend() -> None:
    """Read and write the description where each kind of rule keeps it."""
    SecurityGroupRule.description = property(_description)  # type: ignore[assignment]
    original = EC2Backend.modify_security_group_rules

    def modify(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        original(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, wanted in rules.items():
            rule = group.get_rule(rule_id)
            if referenced := wanted.get("ReferencedGroupId"):
                rule.source_group["GroupId"] = referenced
                rule.ip_range.pop("Description", None)
                _describe(rule.source_group, wanted.get("Description"))
            else:
                _describe(rule.ip_range, wanted.get("Description"))

    EC2Backend.modify_security_group_rules = modify  # type: ignore[method-assign]


def _description(rule: SecurityGroupRule) -> str | None:
    return rule.ip_range.get("Description") or rule.source_group.get("Description")


def _describe(place: dict[str, str], description: str | None) -> None:
    if description is None:
        place.pop("Description", None)
    else:
        place["Description"] = description
