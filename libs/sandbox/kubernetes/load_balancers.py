"""Load balancers for Services, as a cloud controller makes them."""

from __future__ import annotations

from typing import Any

from .api import KubernetesApi, Object
from .aws_access import AwsAccess, ClusterScope
from .events import warn

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
SERVICES = "/api/v1/services"
_INTERNAL = "service.beta.kubernetes.io/aws-load-balancer-internal"
_SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"
_TYPE = "service.beta.kubernetes.io/aws-load-balancer-type"
_TAGS = "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags"
_WITHOUT_SUBNETS_RETRY_S = 5.0


class LoadBalancers:
    """Keeps one network load balancer for every Service of type LoadBalancer of one cluster."""

    def __init__(self, api: KubernetesApi, aws: AwsAccess, scope: ClusterScope) -> None:
        self._api = api
        self._aws = aws
        self._scope = scope

    def reconcile(self, service: Object) -> float | None:
        """Make, announce or remove the load balancer of `service`."""
        metadata = service["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}"
        if service.get("gone"):
            return None
        held = FINALIZER in metadata.get("finalizers", [])
        wanted = _is_ours(service) and "deletionTimestamp" not in metadata
        if not wanted:
            if held:
                self._remove(service)
                self._api.merge(path, {"metadata": {"finalizers": _without(metadata["finalizers"], FINALIZER)}})
                if "deletionTimestamp" not in metadata:
                    self._api.merge(f"{path}/status", {"status": {"loadBalancer": None}})
            return None
        if not held:
            # The finalizer comes first: a load balancer that nothing remembers would outlive its Service.
            finalizers = [*metadata.get("finalizers", []), FINALIZER]
            self._api.merge(path, {"metadata": {"finalizers": finalizers}})
        if service.get("status", {}).get("loadBalancer", {}).get("ingress"):
            return None
        subnets = self._subnets(_is_internal(service))
        if not subnets:
            warn(
                self._api,
                service,
                "Service",
                "SyncLoadBalancerFailed",
                "could not find any suitable subnets for creating the ELB: "
                "tag them kubernetes.io/role/elb=1 or kubernetes.io/role/internal-elb=1",
            )
            return _WITHOUT_SUBNETS_RETRY_S
        host = self._ensure(service, subnets)
        self._api.merge(f"{path}/status", {"status": {"loadBalancer": {"ingress": [{"hostname": host}]}}})
        return None

    def _ensure(self, service: Object, subnets: list[str]) -> str:
        elb = self._aws.client("elbv2", self._scope)
        name = _name(service)
        found = _find(elb, name)
        if found is None:
            scheme = "internal" if _is_internal(service) else "internet-facing"
            tags = self._tags(service)
            (found,) = elb.create_load_balancer(Name=name, Type="network", Scheme=scheme, Subnets=subnets, Tags=tags)[
                "LoadBalancers"
            ]
            self._listen(elb, found["LoadBalancerArn"], name, service, tags)
        return str(found["DNSName"])

    def _listen(self, elb: Any, arn: str, name: str, service: Object, tags: list[dict[str, str]]) -> None:
        for index, port in enumerate(service["spec"].get("ports", [])):
            (group,) = elb.create_target_group(
                Name=f"{name[:28]}-{index}",
                Protocol="TCP",
                Port=port.get("nodePort") or port["port"],
                VpcId=self._scope.vpc_id,
                TargetType="instance",
                Tags=tags,
            )["TargetGroups"]
            elb.create_listener(
                LoadBalancerArn=arn,
                Protocol="TCP",
                Port=port["port"],
                DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
            )

    def _remove(self, service: Object) -> None:
        elb = self._aws.client("elbv2", self._scope)
        found = _find(elb, _name(service))
        if found is None:
            return
        groups = elb.describe_target_groups(LoadBalancerArn=found["LoadBalancerArn"])["TargetGroups"]
        elb.delete_load_balancer(LoadBalancerArn=found["LoadBalancerArn"])
        for group in groups:
            elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])

    def _subnets(self, internal: bool) -> list[str]:
        """One subnet a zone that carries the role's tag, as the cloud controller chooses them."""
        role = "kubernetes.io/role/internal-elb" if internal else "kubernetes.io/role/elb"
        ec2 = self._aws.client("ec2", self._scope)
        found = ec2.describe_subnets(
            Filters=[
                {"Name": "vpc-id", "Values": [self._scope.vpc_id]},
                {"Name": "tag-key", "Values": [role]},
            ]
        )["Subnets"]
        by_zone = {s["AvailabilityZone"]: s["SubnetId"] for s in sorted(found, key=lambda s: s["SubnetId"])}
        return sorted(by_zone.values())

    def _tags(self, service: Object) -> list[dict[str, str]]:
        metadata = service["metadata"]
        tags = {
            f"kubernetes.io/cluster/{self._scope.name}": "owned",
            "kubernetes.io/service-name": f"{metadata['namespace']}/{metadata['name']}",
        }
        for pair in filter(None, metadata.get("annotations", {}).get(_TAGS, "").split(",")):
            key, _, value = pair.partition("=")
            tags[key.strip()] = value.strip()
        return [{"Key": key, "Value": value} for key, value in tags.items()]


def _is_ours(service: Object) -> bool:
    """Whether the cloud controller makes it: not when a class or a type leaves it to another controller."""
    spec = service["spec"]
    kind = service["metadata"].get("annotations", {}).get(_TYPE, "nlb")
    return spec.get("type") == "LoadBalancer" and not spec.get("loadBalancerClass") and kind in ("nlb", "")


def _is_internal(service: Object) -> bool:
    annotations = service["metadata"].get("annotations", {})
    return annotations.get(_SCHEME) == "internal" or annotations.get(_INTERNAL, "false") not in ("false", "")


def _name(service: Object) -> str:
    """The cloud controller's name for a load balancer: `a` and the Service's uid, cut to 32."""
    return f"a{service['metadata']['uid'].replace('-', '')}"[:32]


def _find(elb: Any, name: str) -> dict[str, Any] | None:
    try:
        found: list[dict[str, Any]] = elb.describe_load_balancers(Names=[name])["LoadBalancers"]
    except elb.exceptions.LoadBalancerNotFoundException:
        return None
    return found[0] if found else None


def _without(values: list[str], removed: str) -> list[str]:
    return [value for value in values if value != removed]
