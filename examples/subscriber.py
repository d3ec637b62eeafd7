#!/usr/bin/env python3
"""A durable subscriber of lifecycle events; needs nats-py alone.

    NATS_URL=nats://subscriber:password@127.0.0.1:4222 python examples/subscriber.py

It prints every event of the environments, acknowledges it, and goes on behind the last acknowledged one when it is
started again, however it ended. Start as many as you like under one name: each event goes to one of them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys

import nats
import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

STREAM = "PROVISIONING"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prints the lifecycle events of environments.")
    parser.add_argument("--url", default=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"), help="$NATS_URL")
    parser.add_argument(
        "--durable", default="example-subscriber", help="the name under which the server keeps the place"
    )
    parser.add_argument("--workspace", default="*", help="one workspace's events (all)")
    parser.add_argument(
        "--new-only", action="store_true", help="at the first start, leave out what has happened before"
    )
    parser.add_argument(
        "--ack-wait",
        type=float,
        default=30,
        help="seconds after which an event that was not acknowledged comes again (30)",
    )
    return parser.parse_args()


async def subscribe(js: JetStreamContext, options: argparse.Namespace) -> JetStreamContext.PullSubscription:
    """Binds to the durable consumer, which keeps the place; makes it at the first start."""
    try:
        await js.consumer_info(STREAM, options.durable)
    except NotFoundError:
        config = ConsumerConfig(
            # With both names the filter is a part of the request's subject, as the subscriber's permissions want it.
            name=options.durable,
            durable_name=options.durable,
            filter_subject=f"provisioning.v1.{options.workspace}.*.environment.>",
            deliver_policy=DeliverPolicy.NEW if options.new_only else DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=options.ack_wait,
            max_ack_pending=1,  # one at a time keeps the order
        )
        await js.add_consumer(STREAM, config)
    return await js.pull_subscribe_bind(options.durable, stream=STREAM)


def handle(message: Msg) -> None:
    """Your part. An event may come twice: what this does must not harm the second time; `ce-id` tells them apart."""
    headers = message.headers or {}
    data = json.loads(message.data)
    again = f" (delivery {message.metadata.num_delivered})" if (message.metadata.num_delivered or 1) > 1 else ""
    _, _, workspace, environment, _, event = message.subject.split(".")
    print(f"{headers['ce-time']}  {workspace}/{environment}  #{headers['ce-sequence']} {event}{again}  {summary(data)}")
    sys.stdout.flush()


def summary(data: dict[str, object]) -> str:
    """What is worth a word in an event's data. Fields that this reader does not know are no error."""
    environment = data.get("environment")
    parts = [environment.get("state", "") if isinstance(environment, dict) else data.get("state", "")]
    parts += [data.get("stage", ""), data.get("step", "") or data.get("event", "")]
    failure = data.get("failure")
    if isinstance(failure, dict):
        parts += [failure.get("reason", ""), failure.get("message", ""), failure.get("remedy", "")]
    return " ".join(str(part) for part in parts if part)


async def run(options: argparse.Namespace) -> None:
    """Reads until it is stopped; outages are waited out."""

    async def error(problem: Exception) -> None:
        print(f"nats: {problem or type(problem).__name__}", file=sys.stderr)

    client = await nats.connect(
        options.url,
        name=options.durable,
        inbox_prefix=b"_INBOX_subscriber",  # the only place where the subscriber's user may receive answers
        max_reconnect_attempts=-1,
        error_cb=error,
    )
    try:
        while not stopping():
            try:
                await read(await subscribe(client.jetstream(), options), options.durable)
            except nats.errors.Error as problem:  # the stream is not there yet, or was lost with the consumer in it
                print(f"nats: {problem or type(problem).__name__}; trying again", file=sys.stderr)
                await asyncio.sleep(1)
    finally:
        await client.close()


async def read(subscription: JetStreamContext.PullSubscription, durable: str) -> None:
    """Handles one event after the other."""
    print(f"subscribed to {STREAM} as {durable}", file=sys.stderr, flush=True)
    while not stopping():
        try:
            messages = await subscription.fetch(1, timeout=5)
        except nats.errors.TimeoutError:
            await subscription.consumer_info()  # nothing has happened, or the consumer is gone: asking tells
            continue
        for message in messages:
            handle(message)
            await message.ack_sync()  # only now is it done: what is not acknowledged comes again


def stopping() -> bool:
    """Whether the task was asked to end. Before Python 3.12 a cancel that meets a wait which has just ended is lost."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def main() -> None:
    task = asyncio.create_task(run(arguments()))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    asyncio.run(main())
