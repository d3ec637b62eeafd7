"""EC2's quotas of vCPUs: one a family of instance types and way of buying."""

import re

ON_DEMAND = {
    "standard": "L-1216C47A",
    "g": "L-DB2E81BA",
    "p": "L-417A185B",
    "f": "L-74FC7D96",
    "inf": "L-1945791B",
    "trn": "L-2C3B7624",
    "dl": "L-6E869C2A",
    "x": "L-7295265B",
}
SPOT = {
    "standard": "L-34B43A08",
    "g": "L-3819A6DF",
    "p": "L-7212CCBC",
    "p5": "L-C4BD4855",
    "f": "L-88CF9481",
    "inf": "L-B5D1601B",
    "trn": "L-6B0D517C",
    "dl": "L-85EED4F7",
    "x": "L-E3A00192",
}
NAMES = {
    "L-1216C47A": "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    "L-DB2E81BA": "Running On-Demand G and VT instances",
    "L-417A185B": "Running On-Demand P instances",
    "L-74FC7D96": "Running On-Demand F instances",
    "L-1945791B": "Running On-Demand Inf instances",
    "L-2C3B7624": "Running On-Demand Trn instances",
    "L-6E869C2A": "Running On-Demand DL instances",
    "L-7295265B": "Running On-Demand X instances",
    "L-34B43A08": "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
    "L-3819A6DF": "All G and VT Spot Instance Requests",
    "L-7212CCBC": "All P4, P3 and P2 Spot Instance Requests",
    "L-C4BD4855": "All P5 Spot Instance Requests",
    "L-88CF9481": "All F Spot Instance Requests",
    "L-B5D1601B": "All Inf Spot Instance Requests",
    "L-6B0D517C": "All Trn Spot Instance Requests",
    "L-85EED4F7": "All DL Spot Instance Requests",
    "L-E3A00192": "All X Spot Instance Requests",
}

_STANDARD = "acdhimrtz"
_LETTERS = re.compile(r"([a-z]+)(\d*)")


def quota_code(instance_type: str, *, spot: bool) -> str | None:
    """The quota that an instance counts against; None for families that have another kind of quota (mac, hpc, u)."""
    found = _LETTERS.match(instance_type)
    if found is None:
        return None
    letters, generation = found.group(1), found.group(2)
    family = _family(letters)
    if family is None:
        return None
    if spot:
        return SPOT["p5"] if family == "p" and int(generation or 0) >= 5 else SPOT.get(family)
    return ON_DEMAND.get(family)


def _family(letters: str) -> str | None:
    if letters in ("inf", "trn", "dl", "f", "p", "x"):
        return letters
    if letters in ("g", "vt", "gr"):
        return "g"
    if letters in ("hpc", "mac", "u"):
        return None
    return "standard" if letters[0] in _STANDARD else None
