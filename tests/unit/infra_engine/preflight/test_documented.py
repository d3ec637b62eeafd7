"""Each reason is in docs/preflight.md, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
ROOM = ROOT / "services" / "infra_engine" / "preflight"
OF_ACCESS = {"ROLE_NOT_ASSUMABLE", "REGION_DISABLED", "EXTERNAL_ID_NOT_REQUIRED"}
"""Failures of libs/aws_access that become findings."""


def test_the_page_has_every_reason() -> None:
    code = "".join(path.read_text() for path in (*(ROOM / "checks").glob("*.py"), ROOM / "asked.py"))
    reasons = set(re.findall(r'(?:Finding|Limit|_unusable|_one)\(\s*"([A-Z][A-Z_]+)"', code))
    reasons |= set(re.findall(r'"(VCPU_[A-Z_]+)"', code)) | OF_ACCESS
    table = [line.split("|")[1] for line in (ROOT / "docs" / "preflight.md").read_text().splitlines() if "|" in line]
    documented = {name for cell in table for name in re.findall(r"`([A-Z][A-Z_]+)`", cell)}
    assert documented == reasons
