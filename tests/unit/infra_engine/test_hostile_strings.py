"""Whatever a customer writes is data: it arrives literally in the variables, or is refused; it is never code.

main.tf.json is made of the shape alone, so that what is not in the shape cannot be in it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.stack_input import SYSTEM, NodeGroup, ObjectStore, StackInput, Taint
from tests.integration.infra_engine.inputs import EXAMPLES
from tests.unit.infra_engine.golden_stacks import strings

PRODUCTION, EXISTING_VPC = EXAMPLES["production"], EXAMPLES["existing-vpc"]
HOSTILE = [
    '${file("/etc/hostname")}',
    "${var.region}",
    "$${x}",
    "%{ for x in [1] }canary%{ endfor }",
    '"',
    '", "Effect": "Allow"',
    "\\",
    "\n",
    "line\r\nline",
    "\x00",
    "\u202ecanary",
    "ünïcödé 🙂",
    "{{ x }}",
    "<<EOT\nx\nEOT",
    "'; drop table --",
    "$(id)",
    "a" * 65536,
]

Put = Callable[[str], StackInput]


def group(**changed: object) -> StackInput:
    mine = NodeGroup("mine", instance_types=("m6i.large",), **changed)  # type: ignore[arg-type]
    return replace(PRODUCTION, cluster=replace(PRODUCTION.cluster, node_groups=(mine,)))


def existing(**changed: object) -> StackInput:
    return replace(EXISTING_VPC, network=replace(EXISTING_VPC.network, **changed))  # type: ignore[arg-type]


FIELDS: dict[str, Put] = {
    "workspace": lambda text: replace(PRODUCTION, workspace=text),
    "environment": lambda text: replace(PRODUCTION, environment=text),
    "uid": lambda text: replace(PRODUCTION, uid=text),
    "domain": lambda text: replace(PRODUCTION, domain=text),
    "account_id": lambda text: replace(PRODUCTION, account=replace(PRODUCTION.account, account_id=text)),
    "region": lambda text: replace(PRODUCTION, account=replace(PRODUCTION.account, region=text)),
    "role_arn": lambda text: replace(PRODUCTION, account=replace(PRODUCTION.account, role_arn=text)),
    "external_id": lambda text: replace(PRODUCTION, account=replace(PRODUCTION.account, external_id=text)),
    "tag": lambda text: replace(PRODUCTION, tags={"Team": text}),
    "tag key": lambda text: replace(PRODUCTION, tags={text: "x"}),
    "permissions_boundary_arn": lambda text: replace(PRODUCTION, permissions_boundary_arn=text),
    "kms_key_arn": lambda text: replace(PRODUCTION, kms_key_arn=text),
    "cidr": lambda text: replace(PRODUCTION, network=replace(PRODUCTION.network, cidr=text)),
    "zone_id": lambda text: replace(PRODUCTION, network=replace(PRODUCTION.network, zone_ids=(text, "use1-az1"))),
    "existing_vpc_id": lambda text: existing(existing_vpc_id=text),
    "private subnet": lambda text: existing(existing_private_subnet_ids=(text, "subnet-1")),
    "public subnet": lambda text: existing(existing_public_subnet_ids=(text,)),
    "cluster version": lambda text: replace(PRODUCTION, cluster=replace(PRODUCTION.cluster, version=text)),
    "existing_name": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, existing_name=text, node_groups=())
    ),
    "public_access_cidr": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, public_access_cidrs=(text,))
    ),
    "system label": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, system_nodes=NodeGroup(SYSTEM, labels={"a": text}))
    ),
    "system instance type": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, system_nodes=NodeGroup(SYSTEM, instance_types=(text,)))
    ),
    "system reservation": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, system_nodes=NodeGroup(SYSTEM, capacity_reservation_id=text))
    ),
    "system label key": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, system_nodes=NodeGroup(SYSTEM, labels={text: "a"}))
    ),
    "system taint": lambda text: replace(
        PRODUCTION,
        cluster=replace(PRODUCTION.cluster, system_nodes=NodeGroup(SYSTEM, taints=(Taint(text, text, "NO_SCHEDULE"),))),
    ),
    "group name": lambda text: replace(PRODUCTION, cluster=replace(PRODUCTION.cluster, node_groups=(NodeGroup(text),))),
    "instance type": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, node_groups=(NodeGroup("mine", instance_types=(text,)),))
    ),
    "label": lambda text: group(labels={"a": text}),
    "label key": lambda text: group(labels={text: "a"}),
    "taint": lambda text: group(taints=(Taint(text, text, "NO_SCHEDULE"),)),
    "capacity_reservation_id": lambda text: group(capacity_reservation_id=text),
    "gpu_type": lambda text: replace(
        PRODUCTION, cluster=replace(PRODUCTION.cluster, node_groups=(NodeGroup("mine", gpu_type=text),))
    ),
    "instance_class": lambda text: replace(PRODUCTION, postgres=replace(PRODUCTION.postgres, instance_class=text)),
    "postgres version": lambda text: replace(PRODUCTION, postgres=replace(PRODUCTION.postgres, version=text)),
    "backup_window": lambda text: replace(PRODUCTION, postgres=replace(PRODUCTION.postgres, backup_window=text)),
    "maintenance_window": lambda text: replace(
        PRODUCTION, postgres=replace(PRODUCTION.postgres, maintenance_window=text)
    ),
    "node_type": lambda text: replace(PRODUCTION, redis=replace(PRODUCTION.redis, node_type=text)),
    "cache version": lambda text: replace(PRODUCTION, redis=replace(PRODUCTION.redis, version=text)),
    "snapshot_window": lambda text: replace(PRODUCTION, redis=replace(PRODUCTION.redis, snapshot_window=text)),
    "cache maintenance_window": lambda text: replace(
        PRODUCTION, redis=replace(PRODUCTION.redis, maintenance_window=text)
    ),
    "bucket_prefix": lambda text: replace(PRODUCTION, object_store=ObjectStore(bucket_prefix=text)),
}
# What these say goes into names as a hash, or as what is legal of it.
HASHED = {"uid", "bucket_prefix"}
# What is no document's to say, or is not in the stack.
NOT_WRITTEN = {
    ".reservation_zone_ids", ".reservation_zone_ids key", ".stack", ".state.bucket", ".state.kms_key_arn",
    ".state.lock_table", ".cluster.system_nodes.gpu_type", ".cluster.system_nodes.name",
}  # fmt: skip
# These must be of their form, because Terraform puts them into the text of policies, or we into names.
REFUSED = {
    "account_id", "region", "kms_key_arn", "cidr", "existing_name", "group name", "gpu_type", "postgres version",
    "cache version", "bucket_prefix",
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=25, deadline=None)
@given(text=st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=40).map(lambda one: f"{one}${{x}}")))
@example(text=HOSTILE[0])
@example(text=HOSTILE[5])
@example(text=HOSTILE[-1])
def test_a_hostile_string_is_data_or_refused(field: str, text: str) -> None:
    document, plain = FIELDS[field](text), FIELDS[field]("10.0.0.0/16")
    try:
        shape, variables = to_shape(document), stack_variables(document)
    except ValueError as error:
        assert field in REFUSED, (field, str(error))
        assert len(str(error)) < 600
        return
    # A long word is a legal beginning of a name, which ends early.
    assert field not in REFUSED or (field, len(text)) == ("bucket_prefix", 65536)
    if field not in REFUSED:
        assert shape == to_shape(plain)
    # What Terraform reads from the file is what was written.
    if field not in HASHED:
        assert text in list(strings(json.loads(json.dumps(variables))))


def texts(value: object, at: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a document, with the path of its field."""
    if isinstance(value, str):
        yield at, value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from texts(getattr(value, one.name), f"{at}.{one.name}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{at} key", str(key)
            yield from texts(inner, at)
    elif isinstance(value, tuple):
        for inner in value:
            yield from texts(inner, at)


def text_fields(kind: Any, at: str = "") -> Iterator[str]:
    """The paths of all that a document may say in words of its own; choices are none."""
    if kind is str:
        yield at
    elif is_dataclass(kind):
        for name, inner in get_type_hints(kind).items():
            yield from text_fields(inner, f"{at}.{name}")
    elif get_origin(kind) is Mapping:
        yield from (f"{at} key", at)
    elif get_origin(kind) is not Literal:
        for inner in get_args(kind):
            yield from text_fields(inner, at)


def test_every_field_that_takes_text_is_put_to_the_test() -> None:
    mark = "a-hostile-mark"
    tried = {path for put in FIELDS.values() for path, text in texts(put(mark)) if text == mark}
    assert set(text_fields(StackInput)) - tried == NOT_WRITTEN


def test_every_field_that_must_be_of_a_form_has_one() -> None:
    for field in REFUSED:
        for text in HOSTILE[: -1 if field == "bucket_prefix" else None]:
            with pytest.raises(ValueError):
                document = FIELDS[field](text)
                to_shape(document)
                stack_variables(document)
