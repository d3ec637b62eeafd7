"""Control planes for work on AWS alone: a certificate is real, an API server is not there."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from libs.sandbox.aws.eks.control_planes import ControlPlane, NodeGroup


class AbsentControlPlanes:
    """Every cluster is ready at once, at an address where nobody answers (port 9, discard)."""

    def start(
        self, cluster_arn: str, name: str, version: str, region: str, account_id: str, vpc_id: str
    ) -> ControlPlane:
        """An endpoint that refuses connections, with a certificate authority of its own."""
        return ControlPlane("https://127.0.0.1:9", _certificate_authority(name))

    def stop(self, cluster_arn: str) -> None:
        """Nothing runs."""

    def put_nodes(self, cluster_arn: str, node_group: NodeGroup) -> None:
        """Nothing runs."""

    def remove_nodes(self, cluster_arn: str, node_group_name: str) -> None:
        """Nothing runs."""

    def stop_all(self) -> None:
        """Nothing runs."""


def _certificate_authority(name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"kubernetes {name}"[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)).decode()
