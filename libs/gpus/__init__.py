"""The GPUs that a document may name: what Beta9 calls them, and how many of one an instance of AWS has at least.

Beta9's names are those of its `pkg/types/gpu.go`. The fewest are those of the instance types that the infra engine
picks; the two are held together by a test.
"""

from collections.abc import Mapping

from provisioning.environment.v1 import environment_spec_pb2 as pb

BETA9_NAMES: Mapping[int, str] = {
    pb.GPU_TYPE_T4: "T4",
    pb.GPU_TYPE_A10G: "A10G",
    pb.GPU_TYPE_L4: "L4",
    pb.GPU_TYPE_L40S: "L40S",
    pb.GPU_TYPE_V100: "V100",
    pb.GPU_TYPE_V100_32: "V100-32",
    pb.GPU_TYPE_A100_40: "A100-40",
    pb.GPU_TYPE_A100_80: "A100-80",
    pb.GPU_TYPE_H100: "H100",
    pb.GPU_TYPE_H200: "H200",
    pb.GPU_TYPE_B200: "B200",
    pb.GPU_TYPE_B300: "B300",
    pb.GPU_TYPE_RTX_PRO_6000: "RTXPro6000",
}
"""Beta9's name of each `GpuType` that there is."""

_MORE_THAN_ONE = {"V100-32": 8, "A100-40": 8, "A100-80": 8, "H200": 8, "B200": 8, "B300": 8}


def fewest(name: str) -> int:
    """How many GPUs the smallest instance has that AWS sells with that GPU, by Beta9's name."""
    return _MORE_THAN_ONE.get(name, 1)
