"""Inputs of stacks for tests: the documents of examples/, read as the service reads them."""

from dataclasses import replace
from pathlib import Path

from libs.beta9ctl.document import Document, parse
from libs.beta9ctl.document_file import load, read
from services.infra_engine.documents import stack_input
from services.infra_engine.preflight.facts import ExistingCluster, Facts, Reservation
from services.infra_engine.preflight.preflight import with_known
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.definition import BUILT_IN, StackRegistry
from services.infra_engine.stacks.stack_input import SYSTEM, Cluster, NodeGroup, Size, StackInput

DOCUMENTS = Path(__file__).resolve().parents[3] / "examples"
_ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/THEIRS"


def _known(asked: StackInput) -> Facts:
    """What AWS would say of what the examples' customers bring."""
    blocks = [one.capacity_reservation_id for one in asked.cluster.node_groups if one.capacity_reservation_id]
    cluster = ExistingCluster(
        name=asked.cluster.existing_name or "", status="ACTIVE", version="1.35", vpc_id="vpc-0", subnet_ids=(),
        issuer=f"https://{_ISSUER}", authentication_mode="API_AND_CONFIG_MAP", access=True, ebs_csi_driver="ACTIVE",
        endpoint="", public_endpoint=True, reachable=True,
    )  # fmt: skip
    return Facts(
        reservations={
            one: Reservation(one, "active", "p5.48xlarge", "use1-az1", total=10, free=10, kind="capacity-block")
            for one in blocks
        },
        cluster=cluster if asked.cluster.existing_name else None,
        oidc_providers={_ISSUER: ""},
    )


def built(document: Document) -> StackInput:
    """What the service builds of a document, in a workspace and with a uid of its own choice."""
    asked = stack_input(
        document.spec,
        workspace="acme",
        environment=document.name,
        uid="3f2b8a50-7d1c-4f0e-9a39-c1d9a0b7e001",
        external_id="external",
        settings=EngineSettings.read({}),
    )
    return with_known(asked, _known(asked))


def profile(size: Size) -> StackInput:
    """The minimal document with one size for all."""
    path = DOCUMENTS / "minimal.yaml"
    content = read(path.read_text(), str(path))
    assert isinstance(content, dict)
    sizes = {"postgres": {"size": size}, "redis": {"size": size}}
    return built(parse({**content, "cluster": {"profile": size}, "data": sizes}))


EXAMPLES = {path.stem: built(load(str(path))) for path in sorted(DOCUMENTS.glob("*.yaml"))}
SMALL, PRODUCTION, EVERY_KEY = EXAMPLES["minimal"], EXAMPLES["production"], EXAMPLES["every-key"]

# What Terraform would run, were it ever to reach the code. It looks like a value wherever a customer may write one.
CANARY = '${file("/etc/hostname")}%{ for x in [1] }canary%{ endfor }'
HOSTILE = replace(
    SMALL,
    workspace=f"w{CANARY}",
    environment=f"e{CANARY}",
    domain=f"d{CANARY}",
    account=replace(SMALL.account, role_arn=f"arn:{CANARY}", external_id=CANARY),
    cluster=Cluster(system_nodes=NodeGroup(SYSTEM, labels={"label": CANARY, CANARY: "x"}), version=CANARY),
)

STACKS = {
    **BUILT_IN,
    "minimal": "tests.integration.infra_engine.stacks.minimal:MINIMAL",
    "database": "tests.integration.infra_engine.stacks.database:DATABASE",
    "cluster": "tests.integration.infra_engine.stacks.cluster:CLUSTER",
    "broken": "tests.integration.infra_engine.stacks.broken:BROKEN",
    "forbidden": "tests.integration.infra_engine.stacks.broken:FORBIDDEN",
    "mortal": "tests.integration.infra_engine.stacks.broken:MORTAL",
    "wire": "tests.integration.infra_engine.stacks.inside:WIRE",
    "traces": "tests.integration.infra_engine.stacks.inside:TRACES",
}


def registry() -> StackRegistry:
    return StackRegistry(STACKS)
