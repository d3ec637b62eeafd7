"""A worker whose wall clock is wrong: `python shifted_worker.py SECONDS URL HOLDER`, run by test_clock_skew.py.

It asks for one lease of two seconds, says what it got, renews it for longer than that, and says so.
"""

import datetime
import sys
import time

_SHIFT = float(sys.argv[1])
_REAL_TIME = time.time


class _Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        return super().now(tz) + datetime.timedelta(seconds=_SHIFT)


# Before anything else is imported, so that nobody holds the right ones.
time.time = lambda: _REAL_TIME() + _SHIFT
datetime.datetime = _Shifted  # type: ignore[misc]

import asyncio  # noqa: E402

from libs.persistence import Database  # noqa: E402
from services.state_backend_manager.lease_repository import LeaseRepository  # noqa: E402


async def main(url: str, holder: str) -> None:
    assert abs(datetime.datetime.now().timestamp() - _REAL_TIME() - _SHIFT) < 1
    database = Database(url)
    leases = LeaseRepository(database)
    lease = await leases.acquire("key", holder=holder, run=holder, seconds=2)
    print("none" if lease is None else lease.fence, flush=True)
    if lease is not None:
        for _ in range(3):
            await asyncio.sleep(0.8)
            await leases.renew(lease, holder=holder, seconds=2)
        print("renewed", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    await database.close()


asyncio.run(main(*sys.argv[2:]))
