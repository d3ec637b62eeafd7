"""A whole cloud on one machine: an AWS API (moto, mended) and a real Kubernetes control plane per EKS cluster.

Nothing else in the project imports this package: everyone reaches it over HTTP, as they reach AWS.
"""
