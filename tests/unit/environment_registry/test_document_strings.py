"""Strings are data: whatever stands in a string field is refused, or kept letter by letter.

What is kept is harmless where it goes: no accepted string holds what Terraform, YAML, a shell or IAM's JSON would read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from provisioning.environment.v1 import environment_spec_pb2 as pb

from tests.unit.environment_registry.written_documents import OWN_CLUSTER, OWN_NETWORK, OWN_VPC, parsed, violations

HOSTILE = [
    '${file("/etc/hostname")}',
    "$${x}",
    "%{ for x in [1] }canary%{ endfor }",
    "${",
    "%{",
    '"',
    "'",
    "`id`",
    '", "Effect": "Allow"',
    "\\",
    "\n",
    "line\r\nline",
    "\x00",
    "\u202ecanary",
    "\uff11\uff12",
    "ünïcödé 🙂",
    "{{ x }}",
    "<<EOT\nx\nEOT",
    "'; drop table --",
    "$(id)",
    "../../etc/passwd",
    " ",
    "-",
    "a" * 65536,
    "1" * 65536,
]
PARTS = [*HOSTILE, "a", "-", ".", "/", ":", "arn:aws:iam::123456789012:role/", "cr-01234567", "1.35", "10.0.0.0/16"]
_READ_BY_OTHERS = set("${}%\"'`\\\n\r\0<>();|&*?!#~^[]")


def string_places(message: Message) -> Iterator[tuple[str, Callable[[str], None], Callable[[], str]]]:
    """Every place below that holds a text, with what puts another there and what reads it."""
    for field, value in message.ListFields():
        kind: Any = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            for key in sorted(value):  # a map has an order of its own in every process
                yield f"{field.name}[{key}]", value_setter(value, key), value_getter(value, key)
                yield f"{field.name} key {key}", key_setter(value, key), lambda value=value: sorted(value)[0]
        elif kind is not None and field.is_repeated:
            for index, item in enumerate(value):
                for place, put, get in string_places(item):
                    yield f"{field.name}[{index}].{place}", put, get
        elif kind is not None:
            for place, put, get in string_places(value):
                yield f"{field.name}.{place}", put, get
        elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING and field.is_repeated:
            for index in range(len(value)):
                yield f"{field.name}[{index}]", value_setter(value, index), value_getter(value, index)
        elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            yield field.name, attribute_setter(message, field.name), attribute_getter(message, field.name)


def value_setter(target: Any, key: Any) -> Callable[[str], None]:
    return lambda text: target.__setitem__(key, text)


def value_getter(target: Any, key: Any) -> Callable[[], str]:
    return lambda: target[key]


def key_setter(target: Any, key: Any) -> Callable[[str], None]:
    def put(text: str) -> None:
        value = target[key]
        target.clear()
        target[text] = value

    return put


def attribute_setter(message: Message, name: str) -> Callable[[str], None]:
    return lambda text: setattr(message, name, text)


def attribute_getter(message: Message, name: str) -> Callable[[], str]:
    return lambda: getattr(message, name)


DOCUMENTS = (OWN_NETWORK, OWN_VPC, OWN_CLUSTER)
PLACES = [(text, place) for text in DOCUMENTS for place, _, _ in string_places(parsed(text))]


def descriptor_strings(descriptor: Any, prefix: str = "") -> Iterator[str]:
    for field in descriptor.fields:
        kind = field.message_type
        if kind is not None and not kind.GetOptions().map_entry:
            yield from descriptor_strings(kind, f"{prefix}{field.name}.")
        elif kind is not None or field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            yield f"{prefix}{field.name}"


def test_every_string_of_the_contract_is_tried() -> None:
    tried = {re.sub(r"\[[^\]]*\]| key .*", "", place) for _, place in PLACES}
    missing = set(descriptor_strings(pb.EnvironmentSpec.DESCRIPTOR)) - tried
    # Refused with AWS whatever it holds; and fields that a group of system nodes does not have.
    assert missing == {"cloud.service_account"} | {
        f"cluster.system_nodes.{name}" for name in ("name", "labels", "taints.key", "taints.value")
    }


def assert_data(document: str, place: str, text: str) -> None:
    spec = parsed(document)
    put, get = next((put, get) for found, put, get in string_places(spec) if found == place)
    put(text)
    refused = violations(spec)
    if refused:
        return
    kept = pb.EnvironmentSpec.FromString(spec.SerializeToString())
    assert kept == spec
    if " key " not in place:
        assert get() == text
    assert text.isascii() and len(text) <= 600 and not _READ_BY_OTHERS & set(text), f"{place} accepts {text[:80]!r}"


@pytest.mark.parametrize(("document", "place"), PLACES, ids=lambda value: str(value)[-40:])
def test_no_string_of_the_document_takes_what_others_would_read(document: str, place: str) -> None:
    for text in HOSTILE:
        assert_data(document, place, text)


@settings(max_examples=300, deadline=None)
@given(
    where=st.sampled_from(PLACES),
    text=st.lists(st.sampled_from(PARTS) | st.text(max_size=5), min_size=1, max_size=4).map("".join),
)
def test_no_mixture_is_taken_either(where: tuple[str, str], text: str) -> None:
    assert_data(*where, text)
