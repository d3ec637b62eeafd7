"""The document loader: everything the contract can hold, and everything an author can get wrong."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.beta9ctl import document_scalars
from libs.beta9ctl.document import DocumentError, known_paths, parse
from libs.beta9ctl.document_file import read

# The keys and defaults of the documents that were written before this contract, as their authors know them.
PRIOR_PATHS = """\
cloud.provider cloud.region cloud.account_id cloud.role_arn cloud.service_account cloud.external_id
cluster.profile cluster.use_existing cluster.existing_cluster_name cluster.node_labels cluster.node_taints
data.postgres.size data.postgres.multi_az data.postgres.backup_retention_days data.postgres.storage_gb
data.redis.size data.redis.ha data.redis.num_replicas
data.object_store.bucket_prefix data.object_store.versioning data.object_store.lifecycle_days
beta9.domain beta9.version beta9.enable_metrics beta9.enable_logging
beta9.workers.gpu_enabled beta9.workers.gpu_type beta9.workers.min_workers beta9.workers.max_workers
"""

# What YAML treats in a way of its own, beside a few letters.
_TEXT = st.text("azYn019-_.:#'\"{}[]|>&*!%@`~? \n\tñ漢", max_size=12)
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _scalar(field: Any) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values if value.number])
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if field.cpp_type == FieldDescriptor.CPPTYPE_INT32:
        return st.integers(-(2**31), 2**31 - 1)
    return _TEXT


@st.composite
def _filled(draw: st.DrawFn, message_type: type[Message]) -> Message:
    """A message in which any field may be set, also to its default, or left alone."""
    message = message_type()
    for field in message_type.DESCRIPTOR.fields:
        if not draw(st.booleans()):
            continue
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            getattr(message, field.name).update(draw(st.dictionaries(_TEXT, _TEXT, max_size=3)))
        elif field.is_repeated:
            items = _filled(kind._concrete_class) if kind is not None else _scalar(field)
            getattr(message, field.name).extend(draw(st.lists(items, max_size=3)))
        elif kind is not None:
            getattr(message, field.name).CopyFrom(draw(_filled(kind._concrete_class)))
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, draw(_scalar(field)))
    return message


def _written(message: Message, draw: Any) -> dict[str, Any]:
    """The mapping that an author would write for a message."""
    content: dict[str, Any] = {}
    for field, value in message.ListFields():
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            content[field.name] = dict(value)
        elif field.is_repeated:
            content[field.name] = [_written(item, draw) if kind is not None else item for item in value]
        elif kind is not None:
            content[field.name] = _written(value, draw)
        elif field.enum_type is not None:
            content[field.name] = _spelled(field.enum_type, value, draw)
        else:
            content[field.name] = value
    return content


def _spelled(enum: Any, number: int, draw: Any) -> str:
    name = enum.values_by_number[number].name
    word = document_scalars.enum_words(enum)[[v.number for v in enum.values if v.number].index(number)]
    camel = "".join(part.capitalize() for part in word.split("_"))
    return draw(st.sampled_from([name, word, word.upper(), word.replace("_", "-"), camel]))


@_UNHURRIED
@given(spec=_filled(pb.EnvironmentSpec), data=st.data())
def test_whatever_the_contract_holds_can_be_written_and_read(spec: pb.EnvironmentSpec, data: st.DataObject) -> None:
    written = yaml.safe_dump({"name": "dev", **_written(spec, data.draw)}, allow_unicode=True)

    document = parse(read(written, "dev.yaml"))

    assert document.name == "dev"
    assert document.spec == spec
    assert document.spec.SerializeToString(deterministic=True) == spec.SerializeToString(deterministic=True)


def test_every_key_of_earlier_documents_is_a_key() -> None:
    assert set(PRIOR_PATHS.split()) <= set(known_paths())


def test_a_default_that_is_written_is_told_from_one_that_is_not() -> None:
    written = parse({"name": "dev", "data": {"redis": {"ha": False, "num_replicas": 0}}, "cluster": {}})

    assert written.spec.data.redis.HasField("ha") and written.spec.data.redis.HasField("num_replicas")
    assert not written.spec.data.redis.HasField("size")
    assert written.spec.HasField("cluster") and not written.spec.HasField("beta9")


def test_a_key_without_a_value_is_not_there() -> None:
    document = parse({"name": "dev", "cluster": None, "data": {"postgres": {"storage_gb": None}}})

    assert not document.spec.HasField("cluster")
    assert not document.spec.data.postgres.HasField("storage_gb")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nvidia-tesla-t4", pb.GPU_TYPE_T4),
        ("nvidia-tesla-v100", pb.GPU_TYPE_V100),
        ("nvidia-tesla-a100", pb.GPU_TYPE_A100_40),
        ("nvidia-a100-80gb", pb.GPU_TYPE_A100_80),
        ("T4", pb.GPU_TYPE_T4),
        ("A100-40", pb.GPU_TYPE_A100_40),
        ("nvidia-l4", pb.GPU_TYPE_L4),
    ],
)
def test_gpu_names_of_clouds_are_beta9s(written: str, meant: int) -> None:
    document = parse({"name": "dev", "beta9": {"workers": {"gpu_type": written}}})

    assert document.spec.beta9.workers.gpu_type == meant


@pytest.mark.parametrize("effect", ["NoSchedule", "no_schedule", "NO_SCHEDULE", "TAINT_EFFECT_NO_SCHEDULE"])
def test_taint_effects_are_kubernetes_own(effect: str) -> None:
    document = parse({"name": "dev", "cluster": {"node_taints": [{"key": "a", "effect": effect}]}})

    assert document.spec.cluster.node_taints[0].effect == pb.TAINT_EFFECT_NO_SCHEDULE


@pytest.mark.parametrize(
    ("content", "path", "nearest"),
    [
        ({"cloud": {"roleArn": "x"}}, "cloud.roleArn", "cloud.role_arn"),
        ({"cloud": {"profile": "small"}}, "cloud.profile", "cluster.profile"),
        ({"clusters": {}}, "clusters", "cluster"),
        ({"nam": "x"}, "nam", "name"),
        ({"beta9": {"workers": {"max_worker": 1}}}, "beta9.workers.max_worker", "beta9.workers.max_workers"),
        ({"cluster": {"node_taints": [{"keys": ""}]}}, "cluster.node_taints[0].keys", "cluster.node_taints[0].key"),
        ({"cloud": {"zzz": 1}}, "cloud.zzz", "provider, region, account_id"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(content: dict[str, Any], path: str, nearest: str) -> None:
    with pytest.raises(DocumentError) as raised:
        parse({"name": "dev", **content})

    [violation] = raised.value.violations
    assert violation.path == path
    assert nearest in violation.message and "not a known key" in violation.message


# One mistake a path; any set of them must be told whole.
MISTAKES: dict[str, object] = {
    "cloud.provider": "azure",
    "cloud.regionn": "us-east-1",
    "cloud.account_id": 222233334444,
    "cluster.profile": 3,
    "cluster.use_existing": "maybe",
    "cluster.node_labels": ["a"],
    "cluster.node_taints": {"key": "a"},
    "data.postgres.storage_gb": "20.5",
    "data.postgres.backup_retention_days": 2**40,
    "data.redis": [],
    "data.object_store.versioning": 1,
    "beta9.domain": False,
    "beta9.workers.gpu_type": "",
}


@_UNHURRIED
@given(st.sets(st.sampled_from(sorted(MISTAKES)), min_size=1))
def test_all_mistakes_are_told_at_once(paths: set[str]) -> None:
    content: dict[str, Any] = {"name": "dev"}
    for path in paths:
        *parents, key = path.split(".")
        place = content
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = MISTAKES[path]

    with pytest.raises(DocumentError) as raised:
        parse(content)

    assert {violation.path for violation in raised.value.violations} == paths
    assert len(raised.value.violations) == len(paths)


@pytest.mark.parametrize("name", [None, "", "Dev", "9dev", "dev_1", "dev-", "a" * 41, 7])
def test_a_name_must_be_legal(name: object) -> None:
    with pytest.raises(DocumentError) as raised:
        parse({"name": name})

    assert [violation.path for violation in raised.value.violations] == ["name"]


@pytest.mark.parametrize("content", [None, [], "dev", 5])
def test_what_is_no_mapping_is_no_document(content: object) -> None:
    with pytest.raises(DocumentError, match="the document"):
        parse(content)


@_UNHURRIED
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["name", "cloud", "cluster", "data", "beta9", "postgres", "x"]), inner)
        ),
    )
)
def test_nonsense_is_refused_and_never_breaks(content: object) -> None:
    try:
        document = parse(content)
    except DocumentError as error:
        assert error.violations
    else:
        assert isinstance(document.spec, pb.EnvironmentSpec)
