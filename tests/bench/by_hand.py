"""What the script of `by_hand.sh` needs beside terraform and helm: the same inputs, through the same functions.

`python -m tests.bench.by_hand connect|cluster|values CHART|health`, in a folder with the engine's files and
outputs.json.
"""

import asyncio
import json
import os
import shlex
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec

from libs.aws_access import AwsAccess
from libs.aws_access.sessions import session_for
from services.cluster_bootstrapper import baseline_values
from services.cluster_bootstrapper.charts import beta9_release
from services.cluster_bootstrapper.cluster import cluster
from services.cluster_bootstrapper.environment_secrets import encryption_key, postgres_login
from services.cluster_bootstrapper.gateway import wait_for_gateway
from services.cluster_bootstrapper.kube_api import KubeApi
from services.cluster_bootstrapper.kubeconfig import TokenCache, eks_token, sts_token_endpoint
from services.cluster_bootstrapper.nodes import wait_for_nodes
from services.cluster_bootstrapper.outputs import backend_outputs
from services.cluster_bootstrapper.secrets_manager import SecretsManager
from services.cluster_bootstrapper.storage_class import ensure_storage_class
from services.cluster_bootstrapper.values import Beta9Document, Beta9Secrets, beta9_values
from services.infra_engine.documents import stack_input
from services.infra_engine.settings import EngineSettings
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import WorkFolder

_PASSWORD = "byHandByHandByHandByHand"


async def prepare(folder: Path, spec: EnvironmentSpec, name: str, external_id: str) -> None:
    """The engine's own files, and a provider mirror if the engine would use one."""
    from services.infra_engine.terraform.provider_mirror import cli_config, find_mirror

    settings = EngineSettings.read({"PROVISIONING_S3_PATH_STYLE": "true"})
    synthesizer = ChildSynthesizer()
    try:
        document = stack_input(
            spec, workspace="default", environment=name, uid=f"hand{name}", external_id=external_id, settings=settings
        )
        made = await synthesizer.synthesize(document)
    finally:
        await synthesizer.aclose()
    WorkFolder(folder).prepare(made.main_tf_json, {**made.variables, "postgres_password": _PASSWORD})
    (folder / "cli.tfrc").write_text(cli_config(find_mirror(os.environ)))
    facts = {
        "name": name,
        "access": [spec.cloud.account_id, spec.cloud.region, spec.cloud.role_arn, external_id],
        "domain": spec.beta9.domain,
    }
    (folder / "facts.json").write_text(json.dumps(facts))


class ByHand:
    """The commands; each answers what the script pipes on."""

    def __init__(self) -> None:
        self._facts = json.loads(Path("facts.json").read_text())
        outputs = json.loads(Path("outputs.json").read_text())
        self._outputs = {name: one["value"] for name, one in outputs.items()}
        self._access = AwsAccess(*self._facts["access"])
        self._session = session_for(self._access, "by-hand")
        self._cluster = cluster(
            self._outputs["cluster_name"],
            self._access.region,
            self._outputs["cluster_endpoint"],
            self._outputs["cluster_certificate_authority_data"],
        )
        endpoint = sts_token_endpoint(os.environ, self._access.region)
        self._tokens = TokenCache(lambda: eks_token(self._session, self._cluster.name, self._access.region, endpoint))
        self._ca_file = os.path.abspath("ca.pem")
        Path(self._ca_file).write_text(self._cluster.ca_pem)
        self._kube = KubeApi(self._cluster, self._tokens)

    async def connect(self) -> str:
        variables = {
            "HELM_KUBEAPISERVER": self._cluster.endpoint,
            "HELM_KUBECAFILE": self._ca_file,
            "HELM_KUBETOKEN": await self._tokens.fresh(),
        }
        return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())

    async def cluster(self) -> str:
        await wait_for_nodes(self._kube, int(self._outputs["node_desired_size"]), _silent)
        await ensure_storage_class(self._kube)
        return ""

    async def values(self, chart: str) -> str:
        simple = {
            "nginx-ingress": baseline_values.nginx_ingress_values,
            "cert-manager": baseline_values.cert_manager_values,
            "metrics-server": baseline_values.metrics_server_values,
        }
        if chart in simple:
            return json.dumps(simple[chart]())
        store = SecretsManager(self._session, self._access, {})
        username, password = await postgres_login(store, self._outputs["rds_master_user_secret_arn"])
        key = await encryption_key(store, f"hand{self._facts['name']}")
        secrets = Beta9Secrets(username, password, key.value or "")
        document = Beta9Document(
            self._facts["name"], self._facts["domain"], beta9_release("latest").gateway, "small", True, True, 1
        )
        return json.dumps(
            beta9_values(document, backend_outputs(self._outputs, self._access.region), secrets, exposed=True)
        )

    async def health(self) -> str:
        return await wait_for_gateway(self._kube, _silent, interval=0.2)


async def _silent(line: str) -> None:
    """Nobody reads it here."""


def main(arguments: list[str]) -> int:
    by_hand = ByHand()
    commands: dict[str, Callable[..., Coroutine[None, None, str]]] = {
        "connect": by_hand.connect,
        "cluster": by_hand.cluster,
        "values": by_hand.values,
        "health": by_hand.health,
    }
    print(asyncio.run(commands[arguments[0]](*arguments[1:])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
