"""Services of type LoadBalancer."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def _service(name, **more):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, **more},
        "spec": {"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"port": 443, "targetPort": 8443}]},
    }


def _read(cluster, name):
    return cluster.core(lambda core: core.read_namespaced_service(name, "default"))


def test_a_service_gets_a_load_balancer_and_takes_it_along(cluster, wait_until):
    cluster.apply(_service("web"))
    host = wait_until(lambda: _read(cluster, "web").status.load_balancer.ingress)[0].hostname
    elb = cluster.sandbox.aws("elbv2")
    (balancer,) = [b for b in elb.describe_load_balancers()["LoadBalancers"] if b["DNSName"] == host]
    arn = balancer["LoadBalancerArn"]
    assert balancer["Type"] == "network"
    assert balancer["Scheme"] == "internet-facing"
    assert {z["SubnetId"] for z in balancer["AvailabilityZones"]} == set(cluster.subnets)
    (described,) = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    tags = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
    assert tags[f"kubernetes.io/cluster/{cluster.name}"] == "owned"
    assert tags["kubernetes.io/service-name"] == "default/web"
    (listener,) = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert (listener["Port"], listener["Protocol"]) == (443, "TCP")
    groups = elb.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    assert len(groups) == 1

    cluster.core(lambda core: core.delete_namespaced_service("web", "default"))
    services = "metadata.name=web"
    wait_until(
        lambda: not cluster.core(lambda core: core.list_namespaced_service("default", field_selector=services)).items
    )
    # The finalizer goes last, so nothing is left once the Service is gone.
    with pytest.raises(ClientError, match="LoadBalancerNotFound"):
        elb.describe_load_balancers(LoadBalancerArns=[arn])
    with pytest.raises(ClientError, match="TargetGroupNotFound"):
        elb.describe_target_groups(TargetGroupArns=[groups[0]["TargetGroupArn"]])


def test_a_service_that_turns_inward_loses_its_load_balancer(cluster, wait_until):
    cluster.apply(_service("turns"))
    wait_until(lambda: _read(cluster, "turns").status.load_balancer.ingress)
    body = {"spec": {"type": "ClusterIP"}}
    cluster.core(lambda core: core.patch_namespaced_service("turns", "default", body))
    wait_until(lambda: not _read(cluster, "turns").metadata.finalizers)
    names = [b["LoadBalancerName"] for b in cluster.sandbox.aws("elbv2").describe_load_balancers()["LoadBalancers"]]
    assert f"a{_read(cluster, 'turns').metadata.uid.replace('-', '')}"[:32] not in names


def test_an_internal_one_without_tagged_subnets_says_what_is_missing(cluster, wait_until):
    annotations = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}
    cluster.apply(_service("inside", annotations=annotations))
    selector = "involvedObject.name=inside,reason=SyncLoadBalancerFailed"
    events = wait_until(
        lambda: cluster.core(lambda core: core.list_namespaced_event("default", field_selector=selector)).items
    )
    assert "kubernetes.io/role/internal-elb" in events[0].message
    assert not _read(cluster, "inside").status.load_balancer.ingress
    cluster.core(lambda core: core.delete_namespaced_service("inside", "default"))


def test_a_service_of_another_controller_is_left_alone(cluster, wait_until):
    document = _service("others")
    document["spec"]["loadBalancerClass"] = "service.k8s.aws/nlb"
    cluster.apply(document)
    # A later Service of ours is served, so the controller has seen the earlier one too.
    cluster.apply(_service("later"))
    wait_until(lambda: _read(cluster, "later").status.load_balancer.ingress)
    assert not _read(cluster, "others").metadata.finalizers
    assert not _read(cluster, "others").status.load_balancer.ingress
