"""Values of the Beta9 chart, computed from the document and what was built. Standard library only.

Every key is one that chart `beta9-chart` 0.1.762 or Beta9's own configuration of that version reads. The chart's
subcharts are off (Postgres, Redis and the file system's Redis are managed), and everything whose default points at
a developer's machine is set here, empty credentials included: empty means the pod's own role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import BETA9, beta9_release
from services.cluster_bootstrapper.outputs import BackendOutputs
from services.cluster_bootstrapper.placement import GpuPool, Toleration, manifests
from services.cluster_bootstrapper.ports import Json
from services.cluster_bootstrapper.storage_class import GP3
from services.cluster_bootstrapper.values_ingress import NGINX_CONTROLLER, grpc_host, ingress_values
from services.cluster_bootstrapper.worker_pools import worker_pools

GATEWAY_SERVICE = "beta9-gateway"
GRPC_PORT = 1993
HTTP_PORT = 1994
SERVICE_ACCOUNT = "beta9"
# The engine's IRSA role trusts these two accounts of the namespace.
WORKER_SERVICE_ACCOUNT = "default"
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
# Beta9 puts the password into its connection string without quotes.
_PASSWORD = re.compile(r"[^\s'\"\\]{8,}")
_FILE_SYSTEM_DATABASE = 1

# Addresses are arguments, not text of the script, so that no address can become a command.
_WAIT_SCRIPT = (
    'while [ "$#" -ge 2 ]; do until nc -z -w 2 "$1" "$2"; do echo "waiting for $1:$2"; sleep 2; done; shift 2; done'
)


@dataclass(frozen=True)
class Beta9Document:
    """The part of an environment's document that Beta9's values depend on, defaults filled in.

    `tolerations` are those of the system nodes' taints. `ingress_controller` is what serves the class `nginx`.
    """

    environment: str
    domain: str
    version: str
    profile: str
    enable_metrics: bool
    enable_logging: bool
    min_workers: int
    gpu_pools: tuple[GpuPool, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    ingress_controller: str = NGINX_CONTROLLER


@dataclass(frozen=True)
class Beta9Secrets:
    """What must be in the values and nowhere else."""

    postgres_username: str
    postgres_password: str = field(repr=False)
    encryption_key: str = field(repr=False)
    redis_password: str = field(default="", repr=False)
    workspace_access_key: str = field(default="", repr=False)
    workspace_secret_key: str = field(default="", repr=False)

    def all(self) -> tuple[str, ...]:
        """Every string to keep out of logs; what is part of a URL also in its escaped form."""
        values = (
            self.postgres_password,
            self.encryption_key,
            self.redis_password,
            self.workspace_access_key,
            self.workspace_secret_key,
        )
        return tuple(sorted({text for value in values if value for text in (value, quote(value, safe=""))}))


def beta9_values(document: Beta9Document, outputs: BackendOutputs, secrets: Beta9Secrets, *, exposed: bool) -> Json:
    """The values. `exposed` adds the Ingresses: only once the first admin token is claimed.

    Raises Failure `VALUES_INVALID` for a host name or password that Beta9 could not work with.
    """
    _check(document, outputs, secrets)
    release = beta9_release(document.version)
    redis = f"{outputs.redis_host}:{outputs.redis_port}"
    backends = [outputs.rds_host, str(outputs.rds_port), outputs.redis_host, str(outputs.redis_port)]
    return {
        "images": {
            "gateway": {"tag": release.gateway},
            "worker": {"tag": release.worker},
        },
        "config": {
            "clusterName": document.environment,
            "debugMode": False,
            "prettyLogs": not document.enable_logging,
            "database": {
                "postgres": {
                    "host": outputs.rds_host,
                    "port": outputs.rds_port,
                    "name": outputs.rds_database,
                    "username": secrets.postgres_username,
                    "password": secrets.postgres_password,
                    "timezone": "UTC",
                    "enableTLS": True,
                    "encryptionKey": secrets.encryption_key,
                },
                "redis": {
                    "mode": "single",
                    "addrs": [redis],
                    "username": "",
                    "password": secrets.redis_password,
                    "enableTLS": outputs.redis_tls,
                    "insecureSkipVerify": False,
                },
            },
            "storage": _storage(outputs, secrets),
            "gateway": {
                "host": GATEWAY_SERVICE,
                "invokeURLType": "path",
                "grpc": _listener(grpc_host(document.domain), GRPC_PORT),
                "http": {
                    **_listener(document.domain, HTTP_PORT),
                    "enablePrettyLogs": not document.enable_logging,
                },
            },
            # It would point at a gateway for files that the chart does not deploy.
            "fileService": {"enabled": False},
            "imageService": {
                # Version 2 pushes to a registry for builds, which there is none of; 1 archives to the bucket.
                "clipVersion": 1,
                "registryStore": "s3",
                "buildRegistry": "",
                "buildRegistryInsecure": False,
                "registries": {
                    "s3": {
                        "bucketName": outputs.bucket_name,
                        "region": outputs.region,
                        "accessKey": "",
                        "secretKey": "",
                        "endpoint": "",
                    }
                },
            },
            "worker": {
                "imageTag": release.worker,
                "imagePVCName": "",
                "namespace": BETA9.namespace,
                "serviceAccountName": WORKER_SERVICE_ACCOUNT,
                "jobResourcesEnforced": True,
                **worker_pools(document.profile, document.min_workers, document.gpu_pools),
            },
            "monitoring": {
                "metricsCollector": "prometheus" if document.enable_metrics else "none",
                "prometheus": {"scrapeWorkers": document.enable_metrics},
            },
            # Its listener has no way in through the Ingress.
            "abstractions": {"pod": {"tcp": {"enabled": False}}},
        },
        "controllers": {
            "gateway": {
                "initContainers": {
                    "wait-on-backends": {"command": ["sh", "-c", _WAIT_SCRIPT, "wait-on-backends", *backends]}
                },
                "pod": {"tolerations": manifests(document.tolerations)},
            }
        },
        "persistence": {"images": {"storageClass": GP3}},
        "serviceAccount": {
            "name": SERVICE_ACCOUNT,
            "annotations": {ROLE_ANNOTATION: outputs.gateway_role_arn},
        },
        "ingress": ingress_values(document.domain, exposed=exposed, controller=document.ingress_controller),
        "redis": {"enabled": False},
        "postgresql": {"enabled": False},
        "juicefs-redis": {"enabled": False},
        "metrics": {"enabled": False},
    }


def _storage(outputs: BackendOutputs, secrets: Beta9Secrets) -> Json:
    """The file system on the bucket, its index in a database of its own of the managed Redis."""
    scheme = "rediss" if outputs.redis_tls else "redis"
    login = f":{quote(secrets.redis_password, safe='')}@" if secrets.redis_password else ""
    address = f"{outputs.redis_host}:{outputs.redis_port}/{_FILE_SYSTEM_DATABASE}"
    suffix = "amazonaws.com.cn" if outputs.region.startswith("cn-") else "amazonaws.com"
    s3 = f"s3.{outputs.region}.{suffix}"
    return {
        "mode": "juicefs",
        "fsName": "beta9-fs",
        "fsPath": "/data",
        "objectPath": "/data/objects",
        "juicefs": {
            "redisURI": f"{scheme}://{login}{address}",
            "awsS3Bucket": f"https://{outputs.bucket_name}.{s3}",
            "awsAccessKey": "",
            "awsSecretKey": "",
        },
        "workspaceStorage": {
            "defaultBucketPrefix": outputs.workspace_bucket_prefix,
            "defaultAccessKey": secrets.workspace_access_key,
            "defaultSecretKey": secrets.workspace_secret_key,
            "defaultEndpointUrl": f"https://{s3}",
            "defaultPresignedEndpointUrl": f"https://{s3}",
            "defaultRegion": outputs.region,
        },
    }


def _listener(external_host: str, port: int) -> Json:
    """TLS ends at the Ingress, so the port is plain inside the cluster and 443 outside."""
    return {"externalHost": external_host, "externalPort": 443, "tls": True, "port": port}


def _check(document: Beta9Document, outputs: BackendOutputs, secrets: Beta9Secrets) -> None:
    hosts = {
        "beta9.domain": document.domain,
        "rds_endpoint": outputs.rds_host,
        "redis_endpoint": outputs.redis_host,
        "bucket_name": outputs.bucket_name,
    }
    for name, host in hosts.items():
        if not _HOST.fullmatch(host):
            raise _invalid(name, f"{host!r} is not a host name in small letters")
    if not _PASSWORD.fullmatch(secrets.postgres_password):
        raise _invalid(
            "rds_master_user_secret_arn",
            "the database's password is shorter than 8 characters or has spaces, quotes or backslashes",
        )


def _invalid(name: str, why: str) -> Failure:
    return Failure(
        reason="VALUES_INVALID",
        message=f"Beta9 cannot be configured: {name}: {why}.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy=f"Correct {name}, then retry the environment.",
        resource_address=name,
    )
