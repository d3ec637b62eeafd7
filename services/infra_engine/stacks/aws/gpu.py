"""Which EC2 instance type carries a GPU, by Beta9's names (`pkg/types/gpu.go`) and the number of GPUs.

From EC2's own DescribeInstanceTypes data. Of several types with the same GPUs the smallest is taken, because Beta9
packs its containers by GPU. AWS sells no V100 with 16 GB any more (the p3 family is gone): it can be written, and is
refused with the remedy. For H200 there is p5e too, which fewer regions have; a document may name it by instance type.

Not tried on hardware: whether the NVIDIA variant of AL2023 still drives p3dn's Volta, which NVIDIA's newest drivers
leave out; and B300 and RTX PRO 6000, which AWS began to sell last.
"""

from collections.abc import Mapping

INSTANCE_TYPES: Mapping[str, Mapping[int, str]] = {
    "T4": {1: "g4dn.xlarge", 4: "g4dn.12xlarge", 8: "g4dn.metal"},
    "A10G": {1: "g5.xlarge", 4: "g5.12xlarge", 8: "g5.48xlarge"},
    "L4": {1: "g6.xlarge", 4: "g6.12xlarge", 8: "g6.48xlarge"},
    "L40S": {1: "g6e.xlarge", 4: "g6e.12xlarge", 8: "g6e.48xlarge"},
    "V100": {},
    "V100-32": {8: "p3dn.24xlarge"},
    "A100-40": {8: "p4d.24xlarge"},
    "A100-80": {8: "p4de.24xlarge"},
    "H100": {1: "p5.4xlarge", 8: "p5.48xlarge"},
    "H200": {8: "p5en.48xlarge"},
    "B200": {8: "p6-b200.48xlarge"},
    "B300": {8: "p6-b300.48xlarge"},
    "RTXPro6000": {1: "g7e.2xlarge", 2: "g7e.12xlarge", 4: "g7e.24xlarge", 8: "g7e.48xlarge"},
}
"""Instance type by Beta9's GPU and count; empty where AWS sells none."""

RESERVATION_LIKELY = frozenset({"A100-40", "A100-80", "H100", "H200", "B200", "B300"})
"""What is seldom to be had without a capacity reservation or a capacity block."""


class UnusableGpu(ValueError):
    """AWS sells no instance with that GPU, or not with so many of them."""


def instance_type(gpu_type: str, count: int | None) -> tuple[str, int]:
    """The instance type and its number of GPUs; the fewest where no count is wished. Raises `UnusableGpu`."""
    sold = INSTANCE_TYPES.get(gpu_type)
    if sold is None:
        raise UnusableGpu(f"The GPU {gpu_type[:80]!r} is not known; use one of {', '.join(INSTANCE_TYPES)}.")
    if not sold:
        raise UnusableGpu(f"AWS sells no instance with a {gpu_type} any more; use T4 or V100-32 instead.")
    wished = min(sold) if count is None else count
    if wished not in sold:
        counts = ", ".join(str(one) for one in sold)
        raise UnusableGpu(f"AWS sells no instance with {wished} GPUs {gpu_type}; set gpu_count to one of {counts}.")
    return sold[wished], wished
