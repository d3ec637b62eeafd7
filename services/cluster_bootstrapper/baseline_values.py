"""Values of the charts that Beta9 rests on, in the keys of the pinned charts. Standard library only."""

from __future__ import annotations

from services.cluster_bootstrapper.ports import Json

INGRESS_CLASS = "nginx"

_NLB = "service.beta.kubernetes.io/aws-load-balancer-type"
_CROSS_ZONE = "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled"


def nginx_ingress_values() -> Json:
    """F5's controller behind a network load balancer, with HTTP/2, which its gRPC backends need."""
    return {
        "controller": {
            "replicaCount": 1,
            "ingressClass": {"name": INGRESS_CLASS, "create": True, "setAsDefaultIngress": False},
            "config": {"entries": {"http2": "true", "client-max-body-size": "0"}},
            "service": {
                "type": "LoadBalancer",
                # A node without a controller's pod would otherwise fail the balancer's health check.
                "externalTrafficPolicy": "Local",
                "annotations": {_NLB: "nlb", _CROSS_ZONE: "true"},
            },
        }
    }


def cert_manager_values() -> Json:
    """cert-manager with its own resource definitions, which outlive the release for the sake of certificates."""
    return {"crds": {"enabled": True, "keep": True}}


def metrics_server_values() -> Json:
    """metrics-server as the chart has it; on EKS its defaults are right."""
    return {"replicas": 1}
