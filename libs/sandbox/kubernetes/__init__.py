"""Kubernetes for the sandbox's EKS: a real control plane for every cluster, on loopback, with nodes that kwok
keeps.

What the AWS side needs is `control_planes.KubernetesControlPlanes` and, to make one,
`aws_access.AwsAccess`. Nothing is imported here: the gateway's process uses single modules of this package
and is to stay small.
"""
