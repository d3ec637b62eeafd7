"""The whole way on a small stack: quick, and the ground that the other tests stand on."""

import pytest

from tests.e2e.client import Client, failure_of, state_of
from tests.e2e.customer import Customer

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_to_active_and_away(client: Client, customer: Customer) -> None:
    ended = await client.wait((await client.create("small", customer.spec())).name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    environment = await client.get("small")
    assert state_of(environment) == "ACTIVE"
    assert environment.outputs.gateway_url == "https://beta9.example.com"

    ended = await client.wait((await client.delete("small")).name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    left = await customer.inventory()
    assert set(left) <= {"s3:bucket"}, left
