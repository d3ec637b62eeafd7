"""Our charts by the real Helm against the real API."""

from __future__ import annotations

from kubernetes import client as kube

_WAIT = ("--create-namespace", "--wait", "--timeout", "120s")


def test_the_baseline_installs_and_leaves_nothing_that_blocks(cluster, charts, wait_until):
    values = {
        "nginx-ingress": {"controller": {"replicaCount": 1, "service": {"annotations": {"a": "b"}}}},
        "cert-manager": {"crds": {"enabled": True, "keep": True}},
        "metrics-server": {"replicas": 1},
    }
    for name, given in values.items():
        done = cluster.helm("upgrade", "--install", name, str(charts / name), "-n", name, *_WAIT, values=given)
        assert done.returncode == 0, done.stderr

    def balanced():
        service = cluster.core(lambda core: core.read_namespaced_service("nginx-ingress-controller", "nginx-ingress"))
        return service.status.load_balancer.ingress

    assert wait_until(balanced)[0].hostname.endswith(".elb.amazonaws.com")
    with cluster.api() as client:
        classes = kube.NetworkingV1Api(client).list_ingress_class().items
        assert [c.metadata.name for c in classes] == ["nginx"]
        # Nothing here would serve them, and they would hold up whoever creates or deletes.
        admission = kube.AdmissionregistrationV1Api(client)
        assert admission.list_validating_webhook_configuration().items == []
        assert admission.list_mutating_webhook_configuration().items == []
        services = kube.ApiregistrationV1Api(client).list_api_service().items
        assert [s.metadata.name for s in services if s.spec.service] == []
        # A certificate's issuer can be created, as the definitions are there.
        custom = kube.CustomObjectsApi(client)
        issuer = {
            "apiVersion": "cert-manager.io/v1",
            "kind": "ClusterIssuer",
            "metadata": {"name": "x"},
            "spec": {"acme": {}},
        }
        custom.create_cluster_custom_object("cert-manager.io", "v1", "clusterissuers", issuer)
    for name in values:
        done = cluster.helm("uninstall", name, "-n", name, "--wait", "--timeout", "120s")
        assert done.returncode == 0, done.stderr


def test_a_key_that_the_real_chart_does_not_have_is_refused(cluster, charts):
    wrong = {
        "beta9-chart": {"config": {"database": {"postgres": {"hostname": "x"}}}},
        "nginx-ingress": {"controller": {"ingressClassName": "nginx"}},
        "cert-manager": {"installCrds": True},
        "metrics-server": {"replicaCount": 1},
        "nvidia-device-plugin": {"devicePlugin": {"tolerations": []}},
    }
    for name, given in wrong.items():
        done = cluster.helm("template", "x", str(charts / name), values=given)
        assert done.returncode != 0
        assert "additional properties" in done.stderr


def test_with_its_subcharts_on_beta9_never_comes_up(cluster, charts, backends, wait_until):
    values = backends.values()
    for name in ("redis", "postgresql", "juicefs-redis"):
        values[name]["enabled"] = True
    chart = str(charts / "beta9-chart")
    done = cluster.helm(
        "upgrade", "--install", "beta9", chart, "-n", "subcharts", "--create-namespace", "--wait", "--timeout", "4s",
        values=values,
    )  # fmt: skip
    assert done.returncode != 0
    never = dict.fromkeys(("redis-master-0", "postgresql-0", "juicefs-redis-master-0"), "ImagePullBackOff")

    def reasons():
        pods = cluster.core(lambda core: core.list_namespaced_pod("subcharts")).items
        states = {
            pod.metadata.name: pod.status.container_statuses for pod in pods if "gateway" not in pod.metadata.name
        }
        return {name: found[0].state.waiting.reason for name, found in states.items() if found}

    assert wait_until(lambda: reasons() == never)
    assert cluster.helm("uninstall", "beta9", "-n", "subcharts", "--wait").returncode == 0
