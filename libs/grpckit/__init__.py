"""gRPC servers and channels, the same for every service: health, reflection, interceptors, typed errors, principals."""

from libs.grpckit.channels import open_channel
from libs.grpckit.errors import failure_from_error, failure_from_proto, failure_to_proto, failure_to_status
from libs.grpckit.principals import FixedPrincipals, Principal, PrincipalPort, current_principal
from libs.grpckit.server import Server

__all__ = [
    "FixedPrincipals",
    "Principal",
    "PrincipalPort",
    "Server",
    "current_principal",
    "failure_from_error",
    "failure_from_proto",
    "failure_to_proto",
    "failure_to_status",
    "open_channel",
]
