"""What a pod of a cluster could reach, by what AWS and Kubernetes say is there.

Addresses of RDS and ElastiCache do not resolve in the sandbox. So a process that stands for a pod does not
connect: it asks here what would answer at an address, and how.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from .api import KubernetesApi
from .aws_access import AwsAccess, ClusterScope


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that answers at a host and port."""

    host: str
    port: int
    kind: str
    """`postgres`, `redis` or `service` (of Kubernetes, of which no more is known)."""
    tls: bool = False
    password_required: bool = False
    username: str = ""
    database: str = ""
    keyspace_events: str = ""
    password_hashes: tuple[str, ...] | None = None
    """SHA-256 of each password that is taken, None where that is not known: nobody needs the passwords themselves."""


class Network:
    """The network as the pods of one cluster see it."""

    def __init__(self, api: KubernetesApi, aws: AwsAccess, scope: ClusterScope) -> None:
        self._api = api
        self._aws = aws
        self._scope = scope

    def reaches(self, namespace: str, host: str, port: int) -> bool:
        """Whether a connection from a pod of `namespace` to `host:port` would be accepted."""
        return any(e.host == host and e.port == port for e in self.endpoints(namespace))

    def describe(self, namespace: str) -> dict[str, Any]:
        """Everything that can be reached from `namespace`, as JSON."""
        buckets = self._aws.client("s3", self._scope).list_buckets()["Buckets"]
        return {
            "endpoints": [asdict(endpoint) for endpoint in self.endpoints(namespace)],
            "buckets": [bucket["Name"] for bucket in buckets],
        }

    def endpoints(self, namespace: str) -> list[Endpoint]:
        """Databases and caches of the account and region, and the Services with a pod behind them."""
        return [*self._databases(), *self._caches(), *self._services(namespace)]

    def _databases(self) -> list[Endpoint]:
        found = self._aws.client("rds", self._scope).describe_db_instances()["DBInstances"]
        return [
            Endpoint(
                host=db["Endpoint"]["Address"],
                port=db["Endpoint"]["Port"],
                kind="postgres",
                tls=True,
                password_required=True,
                username=db.get("MasterUsername", ""),
                database=db.get("DBName", ""),
            )
            for db in found
            if db.get("Endpoint") and db.get("DBInstanceStatus") in ("available", "backing-up", "modifying")
        ]

    def _caches(self) -> list[Endpoint]:
        cache = self._aws.client("elasticache", self._scope)
        found = []
        for group in cache.describe_replication_groups()["ReplicationGroups"]:
            if group.get("Status") not in ("available", "modifying"):
                continue
            addresses = [group.get("ConfigurationEndpoint")] + [
                shard.get(name)
                for shard in group.get("NodeGroups", [])
                for name in ("PrimaryEndpoint", "ReaderEndpoint")
            ]
            events = self._keyspace_events(cache, group)
            tokens, open_to_all = self._aws.tokens(self._scope, group["ReplicationGroupId"])
            found += [
                Endpoint(
                    host=address["Address"],
                    port=address["Port"],
                    kind="redis",
                    tls=bool(group.get("TransitEncryptionEnabled")),
                    password_required=not open_to_all,
                    keyspace_events=events,
                    password_hashes=tuple(hashlib.sha256(token.encode()).hexdigest() for token in tokens),
                )
                for address in addresses
                if address and address.get("Address")
            ]
        return found

    def _keyspace_events(self, cache: Any, group: dict[str, Any]) -> str:
        for member in group.get("MemberClusters", []):
            (cluster,) = cache.describe_cache_clusters(CacheClusterId=member)["CacheClusters"]
            name = cluster.get("CacheParameterGroup", {}).get("CacheParameterGroupName")
            if not name:
                continue
            for parameter in cache.describe_cache_parameters(CacheParameterGroupName=name)["Parameters"]:
                if parameter["ParameterName"] == "notify-keyspace-events":
                    return str(parameter.get("ParameterValue") or "")
        return ""

    def _services(self, namespace: str) -> list[Endpoint]:
        ready = {
            (piece["metadata"]["namespace"], piece["metadata"]["labels"].get("kubernetes.io/service-name"))
            for piece in self._api.items("/apis/discovery.k8s.io/v1/endpointslices")
            if any(e.get("conditions", {}).get("ready") for e in piece.get("endpoints") or [])
        }
        found = []
        for service in self._api.items("/api/v1/services"):
            metadata = service["metadata"]
            where, name = metadata["namespace"], metadata["name"]
            if (where, name) not in ready:
                continue
            hosts = [f"{name}.{where}", f"{name}.{where}.svc", f"{name}.{where}.svc.cluster.local"]
            hosts += [name] if where == namespace else []
            ports = [port["port"] for port in service["spec"].get("ports", [])]
            found += [Endpoint(host, port, "service") for host in hosts for port in ports]
        return found
