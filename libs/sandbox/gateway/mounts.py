"""The configuration files that the gateway's pod mounts, read through the Kubernetes API."""

from __future__ import annotations

import base64
from typing import Any

from libs.sandbox.kubernetes.api import KubernetesApi, Object

_FOLDER = "/etc/beta9.d"


class MountMissing(RuntimeError):
    """A Secret that the pod mounts is not there, so its container would not be created."""


def mounted_configuration(api: KubernetesApi, namespace: str, pod_name: str) -> list[str]:
    """Texts of the files under /etc/beta9.d and of CONFIG_JSON, in the order in which they are read.

    Raises `MountMissing` when the pod or a Secret of it is gone.
    """
    pod = api.get(f"/api/v1/namespaces/{namespace}/pods/{pod_name}")
    if pod is None:
        raise MountMissing(f"there is no pod {pod_name} in namespace {namespace}")
    volumes = {v["name"]: v for v in pod["spec"].get("volumes", [])}
    files: dict[str, str] = {}
    inline: list[str] = []
    for container in pod["spec"]["containers"]:
        for mount in container.get("volumeMounts", []):
            if mount["mountPath"].startswith(_FOLDER):
                files |= _files(api, namespace, mount, volumes[mount["name"]])
        inline += [text for env in container.get("env", []) for text in _config_json(api, namespace, env)]
    return [files[path] for path in sorted(files)] + inline


def _files(api: KubernetesApi, namespace: str, mount: Object, volume: Object) -> dict[str, str]:
    if "secret" not in volume:
        return {}
    data = _secret(api, namespace, volume["secret"]["secretName"])
    if "subPath" in mount:
        return {mount["mountPath"]: data[mount["subPath"]]} if mount["subPath"] in data else {}
    return {f"{mount['mountPath'].rstrip('/')}/{name}": text for name, text in data.items()}


def _config_json(api: KubernetesApi, namespace: str, env: Object) -> list[str]:
    if env["name"] != "CONFIG_JSON":
        return []
    reference: dict[str, Any] | None = env.get("valueFrom", {}).get("secretKeyRef")
    if reference is None:
        return [env.get("value", "")]
    return [_secret(api, namespace, reference["name"]).get(reference["key"], "")]


def _secret(api: KubernetesApi, namespace: str, name: str) -> dict[str, str]:
    secret = api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    if secret is None:
        raise MountMissing(f"there is no Secret {name} in namespace {namespace}")
    return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
