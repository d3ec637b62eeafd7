"""An account that AWS has just opened has nothing of its own, in every service that is looked at."""

from importlib import import_module

import pytest

from libs.sandbox.aws.inventory import LOOKS


@pytest.mark.parametrize("backends", LOOKS)
def test_a_new_account_is_empty(backends: str) -> None:
    module, _, name = backends.rpartition(".")
    regions = getattr(import_module(module), name)["123456789012"]
    region = "us-east-1" if "us-east-1" in regions.regions else "aws"
    assert list(LOOKS[backends](regions[region])) == []
