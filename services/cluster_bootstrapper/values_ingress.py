"""How the gateway is exposed: two Ingresses of the chart, one for HTTP and one for gRPC. Standard library only.

F5's controller takes gRPC backends by Service name for a whole Ingress, and one host belongs to one Ingress, so
gRPC has a host name of its own.
"""

from __future__ import annotations

from services.cluster_bootstrapper.baseline_values import INGRESS_CLASS
from services.cluster_bootstrapper.issuer import ISSUER
from services.cluster_bootstrapper.ports import Json

_GATEWAY = "gateway"
_SERVICE = "beta9-gateway"
# Builds and volumes are larger than any limit, and calls stream for as long as a task runs.
_LONG = {
    "nginx.org/client-max-body-size": "0",
    "nginx.org/proxy-read-timeout": "1h",
    "nginx.org/proxy-send-timeout": "1h",
}
NGINX_CONTROLLER = "nginx.org/ingress-controller"
# The retired controller of the Kubernetes project, which a cluster of the customer's own may still have.
_COMMUNITY_CONTROLLER = "k8s.io/ingress-nginx"
_COMMUNITY_LONG = {
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
    "nginx.ingress.kubernetes.io/ssl-redirect": "true",
}


def grpc_host(domain: str) -> str:
    """The host name that the gateway's gRPC answers at."""
    return f"grpc.{domain}"


def ingress_values(domain: str, *, exposed: bool, controller: str = NGINX_CONTROLLER) -> Json:
    """The `ingress` values: nothing at all while not `exposed`. `controller` is what serves the IngressClass."""
    if not exposed:
        return {_GATEWAY: {"enabled": False}}
    http, grpc = _annotations(controller)
    return {_GATEWAY: _ingress(domain, "http", http), "grpc": _ingress(grpc_host(domain), "grpc", grpc)}


def _annotations(controller: str) -> tuple[dict[str, str], dict[str, str]]:
    """Of the Ingress for HTTP and of the one for gRPC."""
    if controller == _COMMUNITY_CONTROLLER:
        backend = {"nginx.ingress.kubernetes.io/backend-protocol": "GRPC"}
        return _COMMUNITY_LONG, {**_COMMUNITY_LONG, **backend}
    http = {"nginx.org/websocket-services": _SERVICE, "nginx.org/redirect-to-https": "true"}
    return {**_LONG, **http}, {**_LONG, "nginx.org/grpc-services": _SERVICE}


def _ingress(host: str, port: str, annotations: dict[str, str]) -> Json:
    return {
        "enabled": True,
        "className": INGRESS_CLASS,
        "annotations": {"cert-manager.io/cluster-issuer": ISSUER, **annotations},
        "hosts": [
            {
                "host": host,
                "paths": [
                    {
                        "path": "/",
                        "pathType": "Prefix",
                        "service": {"name": _GATEWAY, "port": port},
                    }
                ],
            }
        ],
        "tls": [{"secretName": f"beta9-{port}-tls", "hosts": [host]}],
    }
