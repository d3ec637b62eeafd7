"""`state ...`: what is asked of the state-backend manager, and what a person sees."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
import pytest
import pytest_asyncio
from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.failures import Actor, Failure, Kind
from libs.grpckit.interceptors import CallInterceptor
from libs.grpckit.principals import FixedPrincipals

PARENT = "workspaces/default"
LIVE, OLD = f"{PARENT}/stateBackends/enew", f"{PARENT}/stateBackends/eold"


def version(number: int, **more: Any) -> resources.StateVersion:
    return resources.StateVersion(
        name=f"{LIVE}/stateVersions/{number}", serial=number * 10, run=f"run-{number}", **more
    )


@dataclass
class States(service.StateBackendServiceServicer):
    """Two backends of one name, of which the older is released, and what is asked of them."""

    requests: list[Any] = field(default_factory=list)

    async def ListStateBackends(self, request: Any, context: Any) -> messages.ListStateBackendsResponse:
        environment = f"{PARENT}/environments/dev"
        old = resources.StateBackend(name=OLD, environment=environment, released=True, serial=7)
        new = resources.StateBackend(name=LIVE, environment=environment, serial=20)
        if not request.page_token:
            return messages.ListStateBackendsResponse(state_backends=[old], next_page_token="more")
        return messages.ListStateBackendsResponse(state_backends=[new])

    async def ListStateVersions(self, request: Any, context: Any) -> messages.ListStateVersionsResponse:
        self.requests.append(request)
        by_hand = version(2, author="ann", reason="a bad apply", restored=f"{LIVE}/stateVersions/1")
        return messages.ListStateVersionsResponse(state_versions=[by_hand, version(1)])

    async def GetStateVersion(self, request: Any, context: Any) -> resources.StateVersion:
        self.requests.append(request)
        return version(2, content='{"serial": 20}')

    async def CompareStateVersions(self, request: Any, context: Any) -> messages.CompareStateVersionsResponse:
        self.requests.append(request)
        changed = resources.StateChange(address="aws_vpc.a", kind=resources.STATE_CHANGE_KIND_CHANGED)
        changed.attributes.add(path="tags.Name", before='"a"', after='"b"')
        added = resources.StateChange(address="aws_vpc.b", kind=resources.STATE_CHANGE_KIND_ADDED)
        return messages.CompareStateVersionsResponse(changes=[changed, added])

    async def GetStateLock(self, request: Any, context: Any) -> resources.StateLock:
        lease = resources.Lease(
            key=f"{LIVE}/infra-engine", holder="worker-1", remaining_milliseconds=9000, age_milliseconds=61_000,
            heartbeat_age_milliseconds=3000, operation=f"{PARENT}/operations/op-1",
        )  # fmt: skip
        held = resources.LockObject(id="their-id", who="ann@laptop", operation="OperationTypePlan")
        return resources.StateLock(name=request.name, leases=[lease], lock_object=held)

    async def Unlock(self, request: Any, context: Any) -> messages.UnlockResponse:
        self.requests.append(request)
        if not request.force and not request.lock_id:
            raise Failure(
                "OWNER_ALIVE", "It renewed its lease 3 s ago.", kind=Kind.FAILED_PRECONDITION, actor=Actor.CUSTOMER,
                remedy="Wait for its end.",
            )  # fmt: skip
        return messages.UnlockResponse()

    async def RollBackState(self, request: Any, context: Any) -> resources.StateVersion:
        self.requests.append(request)
        return version(3)

    async def ListAuditRecords(self, request: Any, context: Any) -> messages.ListAuditRecordsResponse:
        record = resources.AuditRecord(
            action="ROLL_BACK", author="ann", reason="a bad apply", outcome="DONE", subject=f"{LIVE}/stateVersions/1"
        )
        return messages.ListAuditRecordsResponse(audit_records=[record])


@pytest_asyncio.fixture
async def states(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[States]:
    states = States()
    server = grpc.aio.server(interceptors=[CallInterceptor(FixedPrincipals())])
    service.add_StateBackendServiceServicer_to_server(states, server)
    monkeypatch.setenv("STATE_BACKEND_MANAGER_ADDRESS", f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    await server.start()
    yield states
    await server.stop(None)


async def test_states_and_versions_are_listed(states: States, ctl: Any) -> None:
    listed = await ctl("state", "list")
    assert [line.split()[:4] for line in listed.out.splitlines()[1:]] == [
        ["dev", "eold", "7", "yes"], ["dev", "enew", "20", "no"],
    ]  # fmt: skip
    versions = await ctl("state", "versions", "dev")
    assert states.requests[0].parent == LIVE
    assert "ann: a bad apply" in versions.out.splitlines()[1] and "run-1" in versions.out.splitlines()[2]


async def test_a_deleted_environments_state_is_found_by_its_uid(states: States, ctl: Any) -> None:
    assert (await ctl("state", "versions", "eold")).code == 0
    assert states.requests[0].parent == OLD
    missing = await ctl("state", "versions", "other")
    assert missing.code == 3 and "other has no state" in missing.err


async def test_the_newest_version_is_shown_and_compared_unless_another_is_named(states: States, ctl: Any) -> None:
    shown = await ctl("state", "show", "dev")
    assert json.loads(shown.out) == {"serial": 20}
    assert states.requests[-1] == messages.GetStateVersionRequest(name=f"{LIVE}/stateVersions/2", content=True)
    compared = await ctl("state", "diff", "dev", "2", "--base", "1")
    assert compared.out.splitlines() == ["~ aws_vpc.a", '    tags.Name: "a" -> "b"', "+ aws_vpc.b"]
    asked = messages.CompareStateVersionsRequest(name=f"{LIVE}/stateVersions/2", base=f"{LIVE}/stateVersions/1")
    assert states.requests[-1] == asked


async def test_a_roll_back_needs_a_reason_and_says_what_is_present(states: States, ctl: Any) -> None:
    with pytest.raises(SystemExit):
        await ctl("state", "rollback", "dev", "1")
    done = await ctl("state", "rollback", "dev", "1", "--reason", "a bad apply")
    assert done.code == 0 and "version 3 (serial 30)" in done.out
    assert states.requests == [messages.RollBackStateRequest(name=f"{LIVE}/stateVersions/1", reason="a bad apply")]
    assert "a bad apply" in (await ctl("state", "audit", "dev")).out


async def test_locks_are_shown_and_broken(states: States, ctl: Any) -> None:
    shown = (await ctl("state", "lock", "dev")).out
    assert "infra-engine" in shown and "op-1" in shown and "61 s" in shown and "their-id" in shown
    refused = await ctl("state", "unlock", "dev", "--reason", "it hangs")
    assert refused.code != 0 and "Wait for its end." in refused.err
    assert (await ctl("state", "unlock", "dev", "--reason", "it hangs", "--force")).code == 0
    assert states.requests[-1] == messages.UnlockRequest(key=f"{LIVE}/infra-engine", reason="it hangs", force=True)
    assert (await ctl("state", "unlock", "dev", "--lock-id", "their-id", "--reason", "gone")).code == 0
    assert states.requests[-1] == messages.UnlockRequest(key=LIVE, reason="gone", lock_id="their-id")
