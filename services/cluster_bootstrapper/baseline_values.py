"""Values of the charts that Beta9 rests on, in the keys of the pinned charts. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable

from services.cluster_bootstrapper.placement import GPU_LABEL, Toleration, manifests
from services.cluster_bootstrapper.ports import Json

INGRESS_CLASS = "nginx"

_NLB = "service.beta.kubernetes.io/aws-load-balancer-type"
_CROSS_ZONE = "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled"


def nginx_ingress_values(tolerations: Iterable[Toleration] = ()) -> Json:
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
            "tolerations": manifests(tolerations),
        }
    }


def cert_manager_values(tolerations: Iterable[Toleration] = ()) -> Json:
    """cert-manager with its own resource definitions, which outlive the release for the sake of certificates."""
    tolerated = {"tolerations": manifests(tolerations)}
    return {
        "crds": {"enabled": True, "keep": True},
        **tolerated,
        "webhook": tolerated,
        "cainjector": tolerated,
        # A job of the install, which waits until the webhook answers.
        "startupapicheck": tolerated,
    }


def metrics_server_values(tolerations: Iterable[Toleration] = ()) -> Json:
    """metrics-server as the chart has it; on EKS its defaults are right."""
    return {"replicas": 1, "tolerations": manifests(tolerations)}


def device_plugin_values() -> Json:
    """NVIDIA's plugin on our GPU nodes alone, whatever their taints.

    The chart's own affinity wants labels that nothing here puts on nodes.
    """
    on_gpu_nodes = {"matchExpressions": [{"key": GPU_LABEL, "operator": "Exists"}]}
    return {
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [on_gpu_nodes]},
            }
        },
        "tolerations": [{"operator": "Exists"}],
    }
