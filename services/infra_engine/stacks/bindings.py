"""The only module that imports cdktf and its AWS bindings, so that a move to another release is one diff.

`import cdktf_cdktf_provider_aws` runs an `__init__` that imports 1,400 submodules (6 s of CPU, 540 MB). A stand-in for
the package with the real `__path__` lets us import the few submodules that are used; each of them loads the package's
jsii assembly by itself. They are reached through importlib also because a type checker would otherwise read all 1,400.
"""

import importlib
import importlib.util
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

# Nothing is written there, but cdktf makes the folder.
_OUTDIR = f"{tempfile.gettempdir()}/cdktf.out"
_PACKAGE = "cdktf_cdktf_provider_aws"


def _stand_in() -> None:
    if _PACKAGE in sys.modules:
        return
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"{_PACKAGE} is not installed: install the extra infra-engine")
    package = ModuleType(_PACKAGE)
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules[_PACKAGE] = package


_stand_in()
cdktf: Any = importlib.import_module("cdktf")


def aws(submodule: str) -> Any:
    """The bindings of one resource or data source, by its name without `aws_`: classes and nested blocks."""
    return importlib.import_module(f"{_PACKAGE}.{submodule}")


@dataclass(frozen=True)
class Resource:
    """A resource or data source in the stack."""

    construct: Any
    address: str

    def ref(self, attribute: str) -> str:
        """A reference to an attribute, such as `id` or `vpc_config[0].cluster_security_group_id`.

        The constructs' own properties say the same, at the price of a round trip to Node for each.
        """
        return f"${{{self.address}.{attribute}}}"


def create(stack: Any, kind: Any, label: str, /, *, depends_on: Iterable[Resource] = (), **arguments: Any) -> Resource:
    """A construct of class `kind` named `label`, which is unique in the stack and the last part of its address."""
    if after := [one.construct for one in depends_on]:
        arguments["depends_on"] = after
    construct = kind(stack, label, **arguments)
    source = kind.__module__.removeprefix(f"{_PACKAGE}.").partition(".")[0]
    is_data = source.startswith("data_")
    address = f"data.{source.removeprefix('data_')}.{label}" if is_data else f"aws_{source}.{label}"
    return Resource(construct, address)


def new_stack() -> Any:
    """An empty stack of its own application."""
    app = cdktf.App(stack_traces=False, skip_validation=True, outdir=_OUTDIR)
    return cdktf.TerraformStack(app, "stack")


def to_json(stack: Any) -> str:
    """The stack for Terraform, in one line and without cdktf's comments.

    Text is what tests are given; to_terraform's tree would be taken apart and put together at each step of the way.
    """
    text: str = cdktf.Testing.synth(stack)
    # A newline inside a string is written \\n, so that these are between values alone.
    return text.replace("\n", "")
