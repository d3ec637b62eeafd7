"""How nats-server is started, and as whom each one connects."""

from __future__ import annotations

from libs.embedded.layout import ROOT, SERVICES
from libs.embedded.ports import LOOPBACK, Ports

CONFIGURATION = ROOT / "deploy" / "nats" / "nats-server.conf"
SUBSCRIBER = "subscriber"
USERS = (*SERVICES, SUBSCRIBER)


def environment(ports: Ports, store: str, passwords: dict[str, str]) -> dict[str, str]:
    """What the committed configuration takes from the environment."""
    return {
        "NATS_HOST": LOOPBACK,
        "NATS_PORT": str(ports.nats),
        "NATS_SERVER_NAME": "provisioning-embedded",
        "NATS_STORE_DIR": store,
        **{f"NATS_PASSWORD_{user.upper()}": passwords[user] for user in USERS},
    }


def url(ports: Ports, user: str, passwords: dict[str, str]) -> str:
    """The address with the user's name and password in it."""
    return f"nats://{user}:{passwords[user]}@{ports.address('nats')}"
