"""EKS: clusters, node groups, add-ons, access entries and pod identities, in a backend of our own.

AWS: a cluster takes minutes and is a real Kubernetes; every part that Terraform sends can be read back.
moto: everything is ACTIVE at once with an endpoint that does not exist; add-ons, access entries, updates and
versions are missing; access config, VPC id and upgrade policy are dropped, so that a second plan replaces
the cluster; UpdateClusterConfig answers a cluster where the provider reads an update.
"""


def mend() -> None:
    """Put this backend in the place of moto's."""
    from libs.sandbox.aws.eks.models import eks_backends
    from libs.sandbox.aws.moto_apps import replace_backends

    replace_backends("eks", eks_backends)
