"""Synthesis in its child: what comes out, and how the child lives and dies."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from libs.processes import allowed_environment, run
from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.stack_input import Cluster, Network, ObjectStore, Postgres, Redis
from services.infra_engine.synthesis import ChildSynthesizer, SynthesisFailed, child_synthesizer
from services.infra_engine.synthesis.node import find_node
from services.infra_engine.synthesis.port import SynthesizerUnavailable
from tests.integration.infra_engine.inputs import CANARY, EXAMPLES, HOSTILE, SMALL, registry

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOLDEN = Path(__file__).resolve().parents[2] / "golden"


def assert_golden(name: str, content: bytes) -> None:
    """Compares with the committed file; UPDATE_GOLDEN=1 writes it instead, for review."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(content)
    assert content.decode() == path.read_text(), f"{name} differs: look at it with UPDATE_GOLDEN=1 and git diff"


def children_of(pid: int) -> list[int]:
    """Direct children of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_example_is_its_golden_file(synthesizer: ChildSynthesizer, name: str) -> None:
    got = await synthesizer.synthesize(EXAMPLES[name])
    assert_golden(f"beta9-{name}.tf.json", got.main_tf_json)
    variables = json.dumps(got.variables, indent=2, sort_keys=True) + "\n"
    assert_golden(f"beta9-{name}.tfvars.json", variables.encode())
    assert got.secrets == {"postgres_password"}
    assert got.stack_version.startswith("beta9-")


async def test_environments_of_one_shape_have_the_same_bytes(synthesizer: ChildSynthesizer) -> None:
    """Whatever a customer writes travels as a variable; the code has none of it."""
    plain = await synthesizer.synthesize(SMALL)
    hostile = await synthesizer.synthesize(HOSTILE)
    large = await synthesizer.synthesize(
        replace(
            SMALL,
            environment="other",
            uid="other",
            network=Network(cidr="172.20.0.0/20", log_retention_days=1),
            cluster=Cluster(profile="large", version="1.36", support="STANDARD", public_endpoint=False),
            postgres=Postgres(size="large", version="18", backup_window="03:00-04:00", storage_gb=1000),
            redis=Redis(size="medium", engine="redis", ha=False),
            tags={"CostCenter": "42"},
            permissions_boundary_arn="arn:aws:iam::123456789012:policy/Boundary",
            deletion_protection=True,
            object_store=ObjectStore(bucket_prefix="mine", versioning=False, lifecycle_days=1),
        )
    )
    assert plain.main_tf_json == hostile.main_tf_json == large.main_tf_json
    assert b"canary" not in hostile.main_tf_json
    assert CANARY in json.dumps(hostile.variables).replace('\\"', '"')


async def test_the_bindings_accept_every_argument(synthesizer: ChildSynthesizer) -> None:
    """In production the child runs without the bindings' argument checks; here it runs with them."""
    env = allowed_environment(("HOME",))
    env |= {"JSII_NODE": await find_node(env), "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    argv = [sys.executable, "-m", "services.infra_engine.synthesis.child"]
    requests = [{"build": BETA9.build, "shape": BETA9.shape(one)} for one in EXAMPLES.values()]
    asked = "".join(json.dumps(one) + "\n" for one in requests)
    finished = await run(argv, env=env, cwd=GOLDEN.parents[1], input_text=asked, time_limit=120)
    answers = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [one.get("error") for one in answers] == [None] * len(EXAMPLES)
    assert "aws_eks_cluster" in answers[0]["config"]["resource"]


async def test_a_stack_that_cannot_be_built_says_why(synthesizer: ChildSynthesizer) -> None:
    with pytest.raises(SynthesisFailed, match="no such construct"):
        await synthesizer.synthesize(replace(SMALL, stack="broken"))
    assert synthesizer.running
    await synthesizer.synthesize(SMALL)


async def test_a_stack_that_is_not_allowed_never_comes_out(synthesizer: ChildSynthesizer) -> None:
    with pytest.raises(SynthesisFailed, match="the function 'file'"):
        await synthesizer.synthesize(replace(SMALL, stack="forbidden"))


async def test_requests_at_once_are_all_answered(synthesizer: ChildSynthesizer) -> None:
    inputs = [replace(SMALL, stack=stack) for stack in ("beta9", "minimal", "beta9", "cluster", "minimal")]
    got = await asyncio.gather(*(synthesizer.synthesize(one) for one in inputs))
    assert [one.stack_version.split("-")[0] for one in got] == [one.stack for one in inputs]
    assert got[0].main_tf_json == got[2].main_tf_json != got[1].main_tf_json == got[4].main_tf_json


async def test_a_killed_child_is_started_again(synthesizer: ChildSynthesizer) -> None:
    before = await synthesizer.synthesize(SMALL)
    child = synthesizer._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    assert await synthesizer.synthesize(SMALL) == before


async def test_a_child_whose_node_was_killed_is_started_again(synthesizer: ChildSynthesizer) -> None:
    before = await synthesizer.synthesize(SMALL)
    child = synthesizer._child
    assert child is not None
    (node,) = children_of(child.pid)
    os.kill(node, signal.SIGKILL)
    assert await synthesizer.synthesize(SMALL) == before
    assert gone(child.pid, node)


async def test_what_is_changed_of_jsii_and_cdktf_is_still_there(synthesizer: ChildSynthesizer) -> None:
    """Each of these is checked from inside the child, where the libraries are loaded."""
    for stack in ("wire", "traces"):
        assert (await synthesizer.synthesize(replace(SMALL, stack=stack))).main_tf_json


async def test_node_loads_no_more_of_the_bindings_than_it_uses() -> None:
    """All of them are 550 MB and more. The very first start on a machine takes that too, to write jsii's index."""
    async with asyncio.timeout(120):
        while await resident_mb_of_node() > 350:
            pass


async def resident_mb_of_node() -> float:
    own = ChildSynthesizer()
    try:
        await own.synthesize(SMALL)
        assert own._child is not None
        (node,) = children_of(own._child.pid)
        return resident_mb(node)
    finally:
        await own.aclose()


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def test_a_child_that_has_answered_often_is_replaced(
    synthesizer: ChildSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_synthesizer, "_LIFETIME", 1)
    before = await synthesizer.synthesize(SMALL)
    assert not synthesizer.running
    assert await synthesizer.synthesize(SMALL) == before


async def test_a_cancelled_request_does_not_answer_the_next(synthesizer: ChildSynthesizer) -> None:
    await synthesizer.synthesize(SMALL)
    task = asyncio.create_task(synthesizer.synthesize(replace(SMALL, stack="minimal")))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await synthesizer.synthesize(SMALL)).stack_version.startswith("beta9-")


async def test_a_child_that_dies_twice_is_given_up() -> None:
    own = ChildSynthesizer(registry())
    try:
        with pytest.raises(SynthesizerUnavailable, match="died 2 times"):
            await own.synthesize(replace(SMALL, stack="mortal"))
    finally:
        await own.aclose()


async def test_an_idle_child_ends_with_its_node_and_its_folder() -> None:
    before = scratch_folders()
    own = ChildSynthesizer(registry(), idle_seconds=0.1)
    await own.synthesize(replace(SMALL, stack="minimal"))
    assert scratch_folders() != before
    child = own._child
    assert child is not None
    node = children_of(child.pid)
    assert len(node) == 1
    async with asyncio.timeout(10):
        await child.wait()
    await own.aclose()  # waits for the end that is under way; without one it would find the child running
    assert gone(child.pid, *node)
    assert scratch_folders() == before


def gone(*pids: int) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def scratch_folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"synthesis-{os.getpid()}-*"))
