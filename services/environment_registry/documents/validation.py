"""`check_document`: every rule of the document, checked in one pass.

Free strings are held to strict patterns, because they end in Terraform variables, Helm values and names in AWS. What
only AWS knows (quotas, offers, subnets, versions in support) is the pre-flight's.
"""

from __future__ import annotations

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.beta9 import check_beta9
from services.environment_registry.documents.cloud import check_cloud
from services.environment_registry.documents.cluster import check_cluster
from services.environment_registry.documents.findings import Findings
from services.environment_registry.documents.network import check_network
from services.environment_registry.documents.state import check_state
from services.environment_registry.documents.stores import check_data


def check_document(spec: pb.EnvironmentSpec, *, issued_external_id: str, at: str = "environment.spec") -> None:
    """Check a whole document.

    Args:
        spec: the document.
        issued_external_id: the workspace's, which `cloud.external_id` must equal when it is given; empty when none
            was issued yet.
        at: the path of the document in the request, for the violations.

    Raises:
        Failure: DOCUMENT_INVALID or DOCUMENT_NOT_SUPPORTED, with every violation at once.
    """
    found = Findings()
    check_cloud(found, spec.cloud, f"{at}.cloud", issued_external_id)
    check_network(found, spec, f"{at}.network")
    check_cluster(found, spec.cluster, f"{at}.cluster")
    check_data(found, spec.data, f"{at}.data")
    check_beta9(found, spec.beta9, f"{at}.beta9")
    check_state(found, spec, f"{at}.state")
    found.raise_if_any()
