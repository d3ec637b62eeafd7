"""Stacks by name."""

import subprocess
import sys

import pytest

from services.infra_engine.stacks.definition import StackRegistry, UnknownStack


def test_the_built_in_stack_is_known_without_loading_cdktf() -> None:
    beta9 = StackRegistry().get("beta9")
    assert beta9.name == "beta9"
    assert beta9.secrets == {"postgres_password"}
    # In a process of its own: other tests of this one may have loaded it.
    code = "import sys; from services.infra_engine.stacks.definition import StackRegistry as R; R().get('beta9'); "
    subprocess.run([sys.executable, "-c", f"{code}sys.exit('cdktf' in sys.modules)"], check=True)


def test_an_unknown_stack_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownStack, match="beta9"):
        StackRegistry().get("nothing")


def test_what_is_no_definition_is_refused() -> None:
    with pytest.raises(TypeError, match="StackDefinition"):
        StackRegistry({"x": "json:dumps"}).get("x")
