"""moto's applications, one a service, each mended before it is first used.

A service's module is loaded with its first request, so that the server starts at once and stays small.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from libs.sandbox.aws.ec2 import offerings

if TYPE_CHECKING:
    from flask import Flask

_MENDS = {
    "account": ("account",),
    "eks": ("eks",),
    "elasticache": ("elasticache",),
    "iam": ("iam",),
    "ssm": ("ssm",),
    "sts": ("sts",),
    "kms": ("kms",),
    "logs": ("logs",),
    "rds": ("rds",),
    "ec2": ("ec2",),
    "elb": ("elb",),
    "elbv2": ("elb",),
    "s3": ("s3",),
    "servicequotas": ("servicequotas",),
    "secretsmanager": ("secretsmanager",),
    "resourcegroupstaggingapi": ("resourcegroupstaggingapi",),
}
"""Packages under `libs.sandbox.aws` whose `mend()` is called before moto's service of that name is used."""

_mended: set[str] = set()


def clear_environment() -> None:
    """Take away what would send moto's own look-ups, or every caller, somewhere else."""
    for name in ("MOTO_ACCOUNT_ID", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        os.environ.pop(name, None)


def mend(service: str) -> None:
    """Apply the mends of a moto service. Nothing happens the second time."""
    for package in _MENDS.get(service, ()):
        if package not in _mended:
            import_module(f"libs.sandbox.aws.{package}").mend()
            _mended.add(package)


def dispatcher() -> Callable[[dict[str, Any], Any], Any]:
    """The WSGI application that sends a request to its service's application by its signature."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    offerings.put_off()

    def create(service: Any) -> Flask:
        mend(service)
        return create_backend_app(service)

    return DomainDispatcherApplication(create)


def replace_backends(service: str, backends: Any) -> None:
    """Put `backends` where moto looks for those of a service."""
    for module in (f"moto.{service}", f"moto.{service}.models"):
        setattr(import_module(module), f"{service}_backends", backends)
