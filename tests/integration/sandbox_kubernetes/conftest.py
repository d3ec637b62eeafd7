"""One sandbox and one cluster in it for all tests here, reached as anyone reaches AWS and EKS."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.signers import RequestSigner
from kubernetes import client as kube
from kubernetes.stream import portforward
from kubernetes.utils import create_from_dict

from libs.sandbox.kubernetes.tools import find_tool

_REPOSITORY = Path(__file__).resolve().parents[3]
_ACCOUNT = "210987654321"
_REGION = "us-east-1"
_ZONES = ("us-east-1a", "us-east-1b")
_PASSWORD = "aVeryLongPassword42"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.integration)


def eventually(found: Callable[[], Any], within_s: float = 60.0) -> Any:
    """What `found` gives as soon as that is true; the last answer is in the failure."""
    deadline = time.monotonic() + within_s
    while not (answer := found()):
        assert time.monotonic() < deadline, f"still {answer!r} after {within_s} s"
        time.sleep(0.05)
    return answer


class Sandbox:
    """A sandbox process of the tests' own, and clients that act as an account's administrator."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self.log = Path(self.folder.name) / "sandbox.log"
        command = [sys.executable, "-m", "libs.sandbox", "serve", "--port", "0"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--state-dir", str(Path(self.folder.name) / "state")],
                cwd=_REPOSITORY,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self.process.stdout.readline()
        assert line.startswith("sandbox ready at "), self.log.read_text()
        self.url = line.split()[-1]
        request = urllib.request.Request(f"{self.url}/sandbox/accounts/{_ACCOUNT}", data=b"", method="POST")
        key = json.load(urllib.request.urlopen(request, timeout=30))
        self.session = boto3.session.Session(key["access_key_id"], key["secret_access_key"], region_name=_REGION)

    def aws(self, service: str, session: Any = None) -> Any:
        return (session or self.session).client(service, endpoint_url=self.url)

    def kubernetes_processes(self) -> list[int]:
        """Processes that work on this sandbox's files."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and int(entry.name) != self.process.pid:
                    command = (entry / "cmdline").read_bytes()
                    if f"{self.folder.name}/state/kubernetes".encode() in command:
                        found.append(int(entry.name))
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        eventually(lambda: not self.kubernetes_processes())
        self.folder.cleanup()


class Cluster:
    """An EKS cluster of a sandbox, with two nodes in two zones."""

    def __init__(self, sandbox: Sandbox, name: str, *, load_balanced: bool = True) -> None:
        self.sandbox, self.name, self.region, self.zones = sandbox, name, _REGION, _ZONES
        ec2 = sandbox.aws("ec2")
        self.vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = []
        for index, zone in enumerate(_ZONES):
            subnet = ec2.create_subnet(VpcId=self.vpc_id, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zone)
            self.subnets.append(subnet["Subnet"]["SubnetId"])
        if load_balanced:
            ec2.create_tags(Resources=self.subnets, Tags=[{"Key": "kubernetes.io/role/elb", "Value": "1"}])
        eks = sandbox.aws("eks")
        eks.create_cluster(
            name=name,
            version="1.35",
            roleArn=self.role("cluster", {"Service": "eks.amazonaws.com"}),
            resourcesVpcConfig={"subnetIds": self.subnets},
            accessConfig={
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": True,
            },
        )
        self.view = eventually(lambda: self._active(eks.describe_cluster(name=name)["cluster"]))
        eks.create_nodegroup(
            clusterName=name,
            nodegroupName="system",
            subnets=self.subnets,
            nodeRole=self.role("nodes", {"Service": "ec2.amazonaws.com"}),
            scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2},
            instanceTypes=["t3.large"],
            labels={"beta9.example/pool": "system"},
            taints=[{"key": "example", "value": "yes", "effect": "PREFER_NO_SCHEDULE"}],
        )
        describe = eks.describe_nodegroup
        eventually(lambda: self._active(describe(clusterName=name, nodegroupName="system")["nodegroup"]))

    @staticmethod
    def _active(view: dict[str, Any]) -> dict[str, Any] | None:
        assert "FAILED" not in view["status"], view
        return view if view["status"] == "ACTIVE" else None

    def role(self, kind: str, principal: dict[str, str]) -> str:
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
        }
        iam = self.sandbox.aws("iam")
        made = iam.create_role(RoleName=f"{self.name}-{kind}", AssumeRolePolicyDocument=json.dumps(trust))
        return made["Role"]["Arn"]

    def token(self, cluster_name: str | None = None, session: Any = None) -> str:
        session = session or self.sandbox.session
        model = session.client("sts").meta.service_model
        signer = RequestSigner(model.service_id, _REGION, "sts", "v4", session.get_credentials(), session.events)
        url = signer.generate_presigned_url(
            {
                "method": "GET",
                "url": f"https://sts.{_REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
                "body": {},
                "headers": {"x-k8s-aws-id": cluster_name or self.name},
                "context": {},
            },
            region_name=_REGION,
            expires_in=900,
            operation_name="",
        )
        return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")

    def authority(self) -> str:
        return base64.b64decode(self.view["certificateAuthority"]["data"]).decode()

    def status_of(self, token: str, path: str = "/api/v1/nodes") -> int:
        """HTTP status of a call with `token`."""
        request = urllib.request.Request(self.view["endpoint"] + path, headers={"Authorization": f"Bearer {token}"})
        try:
            context = ssl.create_default_context(cadata=self.authority())
            with urllib.request.urlopen(request, context=context, timeout=10) as response:
                return response.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def kubeconfig(self) -> str:
        path = Path(self.sandbox.folder.name) / f"{self.name}.kubeconfig"
        cluster = {
            "server": self.view["endpoint"],
            "certificate-authority-data": self.view["certificateAuthority"]["data"],
        }
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "me", "user": {"token": self.token()}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "me"}}],
            "current-context": "it",
        }
        path.write_text(json.dumps(document))
        return str(path)

    @contextlib.contextmanager
    def api(self) -> Iterator[kube.ApiClient]:
        """The official client with a new token."""
        configuration = kube.Configuration(host=self.view["endpoint"])
        authority = Path(self.sandbox.folder.name) / f"{self.name}.ca"
        authority.write_text(self.authority())
        configuration.ssl_ca_cert = str(authority)
        configuration.api_key = {"authorization": f"Bearer {self.token()}"}
        with kube.ApiClient(configuration) as client:
            yield client

    def apply(self, document: dict[str, Any], namespace: str = "default") -> None:
        """Create one object."""
        with self.api() as client:
            create_from_dict(client, document, namespace=namespace)

    def core(self, call: Callable[[kube.CoreV1Api], Any]) -> Any:
        with self.api() as client:
            return call(kube.CoreV1Api(client))

    def helm(self, *arguments: str, values: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(find_tool("helm")), *arguments, *(["--values", "-"] if values is not None else [])],
            input=None if values is None else json.dumps(values),
            env={**os.environ, "KUBECONFIG": self.kubeconfig(), "HELM_CACHE_HOME": self.sandbox.folder.name},
            capture_output=True,
            text=True,
            timeout=60,
        )

    @contextlib.contextmanager
    def forwarded(self, namespace: str, pod: str, port: int) -> Iterator[int]:
        """A local port that leads through the Kubernetes API to the pod's port."""
        with contextlib.ExitStack() as stack:
            core = kube.CoreV1Api(stack.enter_context(self.api()))
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        near, _ = listener.accept()
                        forward = portforward(
                            core.connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port)
                        )
                        threading.Thread(target=_connect, args=(near, forward.socket(port)), daemon=True).start()

            threading.Thread(target=serve, daemon=True).start()
            yield listener.getsockname()[1]


def _connect(near: Any, far: Any) -> None:
    """Carries both ways until both have ended. To close an end from which something is still to be read would reset
    the other one, which the client of Kubernetes takes for an error."""
    back = threading.Thread(target=_pipe, args=(far, near), daemon=True)
    back.start()
    _pipe(near, far)
    back.join()
    for end in (near, far):
        end.close()


def _pipe(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError, ValueError):
        source.setblocking(True)
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError, ValueError):
        target.shutdown(socket.SHUT_WR)


class Backends:
    """What Beta9 rests on, in the cluster's account."""

    def __init__(self, cluster: Cluster) -> None:
        aws, name = cluster.sandbox.aws, cluster.name
        self.bucket = f"{name}-objects"
        aws("s3").create_bucket(Bucket=self.bucket)
        rds = aws("rds")
        rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=cluster.subnets)
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t4g.small",
            AllocatedStorage=20,
            MasterUsername="beta9",
            MasterUserPassword=_PASSWORD,
            DBName="beta9",
            DBSubnetGroupName=name,
        )
        cache = aws("elasticache")
        cache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="x", SubnetIds=cluster.subnets
        )
        cache.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="x"
        )
        cache.modify_cache_parameter_group(
            CacheParameterGroupName=name,
            ParameterNameValues=[{"ParameterName": "notify-keyspace-events", "ParameterValue": "AKE"}],
        )
        cache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="x",
            Engine="valkey",
            EngineVersion="8.0",
            CacheNodeType="cache.t4g.small",
            NumCacheClusters=1,
            CacheParameterGroupName=name,
            CacheSubnetGroupName=name,
            TransitEncryptionEnabled=True,
        )
        (database,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        (group,) = cache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
        self.postgres = database["Endpoint"]["Address"]
        self.redis = group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]

    def values(self) -> dict[str, Any]:
        """Values of beta9-chart with which the gateway comes up."""
        return {
            "config": {
                "database": {
                    "postgres": {
                        "host": self.postgres,
                        "port": 5432,
                        "name": "beta9",
                        "username": "beta9",
                        "password": _PASSWORD,
                        "enableTLS": True,
                        "encryptionKey": "sk_" + base64.b64encode(bytes(32)).decode(),
                    },
                    "redis": {"mode": "single", "addrs": [f"{self.redis}:6379"], "enableTLS": True},
                },
                "storage": {
                    "mode": "juicefs",
                    "juicefs": {
                        "redisURI": f"rediss://{self.redis}:6379/1",
                        "awsS3Bucket": f"https://{self.bucket}.s3.{_REGION}.amazonaws.com",
                    },
                },
                "imageService": {
                    "registryStore": "s3",
                    "registries": {"s3": {"bucketName": self.bucket, "region": _REGION}},
                },
            },
            "controllers": {
                "gateway": {
                    "initContainers": {
                        "wait-on-backends": {
                            "command": [
                                "sh",
                                "-c",
                                f"until nc -z {self.postgres} 5432 && nc -z {self.redis} 6379; do sleep 1; done",
                            ]
                        }
                    }
                }
            },
            "persistence": {"images": {"enabled": False}},
            "redis": {"enabled": False},
            "postgresql": {"enabled": False},
            "juicefs-redis": {"enabled": False},
        }


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluster(sandbox: Sandbox) -> Cluster:
    return Cluster(sandbox, "shared")


@pytest.fixture(scope="session")
def backends(cluster: Cluster) -> Backends:
    return Backends(cluster)


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., Any]:
    return eventually


@pytest.fixture(scope="session")
def charts() -> Path:
    return _REPOSITORY / "libs" / "sandbox" / "charts"


@pytest.fixture
def make_cluster() -> Callable[[Sandbox, str], Cluster]:
    return Cluster


@pytest.fixture
def own_sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()
