"""`/aws/service/eks/optimized-ami/...`: the recommended AMIs of every Kubernetes version that is supported.

AWS: publishes id, name and release of Amazon Linux 2023 for x86_64 and arm64, plain and for NVIDIA GPUs.
moto: has none for the versions of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from moto.core.utils import utcnow
from moto.ssm.models import Parameter, ParameterDict

from libs.sandbox.aws.eks.releases import RELEASES, KubernetesRelease

_ROOT = "/aws/service/eks/optimized-ami"
_FAMILIES = (("x86_64", "standard"), ("arm64", "standard"), ("x86_64", "nvidia"), ("arm64", "nvidia"))


def mend() -> None:
    """Put them in when a parameter of theirs is first asked for."""
    original = ParameterDict._check_loading_status

    def check(self: ParameterDict, key: str) -> None:
        original(self, key)
        if str(key or "").startswith(_ROOT) and not getattr(self, "sandbox_eks_images", False):
            self.sandbox_eks_images = True  # type: ignore[attr-defined]
            for name, value in _published(self.region_name):
                # The dictionary's own look-up would come back here.
                dict.__setitem__(self, name, [_parameter(self.account_id, name, value)])

    ParameterDict._check_loading_status = check  # type: ignore[method-assign]


def _published(region: str) -> Iterator[tuple[str, str]]:
    for release in RELEASES.values():
        for architecture, variant in _FAMILIES:
            base = f"{_ROOT}/{release.version}/amazon-linux-2023/{architecture}/{variant}/recommended"
            image = _image(region, release, architecture, variant)
            yield base, json.dumps(image | {"schema_version": "2"})
            yield from ((f"{base}/{key}", value) for key, value in image.items())


def _image(region: str, release: KubernetesRelease, architecture: str, variant: str) -> dict[str, str]:
    day = release.node_release.rsplit("-", 1)[-1]
    name = f"amazon-eks-node-al2023-{architecture}-{variant}-{release.version}-v{day}"
    digest = hashlib.sha256(f"{region}/{name}".encode()).hexdigest()[:17]
    return {"image_id": f"ami-{digest}", "image_name": name, "release_version": release.node_release}


def _parameter(account_id: str, name: str, value: str) -> Parameter:
    settings: dict[str, Any] = {"description": None, "allowed_pattern": None, "keyid": None}
    return Parameter(  # type: ignore[abstract]
        account_id=account_id,
        name=name,
        value=value,
        parameter_type="String",
        last_modified_date=utcnow(),
        version=1,
        data_type="aws:ec2:image" if name.endswith("/image_id") else "text",
        **settings,
    )
