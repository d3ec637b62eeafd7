"""The check after synthesis: what may be in a stack, and above all what may not."""

from typing import Any

import pytest

from services.infra_engine.stacks.definition import StackDefinition
from services.infra_engine.synthesis.allowed import NotAllowed, check

DEFINITION = StackDefinition(
    name="test",
    build="",
    shape=lambda _: {},
    variables=lambda _: {},
    resource_types=frozenset({"aws_vpc"}),
    data_types=frozenset({"aws_availability_zones"}),
    milestones=lambda _: (),
)


def config(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
        "provider": {"aws": [{"region": "${var.region}"}]},
        "variable": {"region": {"type": "string"}, "names": {"type": "map(string)"}},
        "locals": {"issuer": '${trimprefix(aws_vpc.vpc.arn, "https://")}'},
        "data": {"aws_availability_zones": {"zones": {"state": "available"}}},
        "resource": {
            "aws_vpc": {
                "vpc": {
                    "cidr_block": "${var.region}",
                    "tags": {"Name": "${var.names.base}-x", "${local.issuer}:sub": "a"},
                    "zone": "${data.aws_availability_zones.zones.names[0]}",
                }
            }
        },
        "output": {"vpc_id": {"value": "${aws_vpc.vpc.id}"}},
    }
    return {**base, **changes}


def with_text(text: str) -> dict[str, Any]:
    return config(resource={"aws_vpc": {"vpc": {"cidr_block": text}}}, locals={}, output={}, data={})


def test_our_own_forms_pass() -> None:
    check(config(), DEFINITION)


@pytest.mark.parametrize(
    "text",
    [
        "${var.region}",
        "${aws_vpc.vpc.tags.Name}-x-${var.names.base}",
        "${lookup(zipmap([aws_vpc.vpc.id, aws_vpc.vpc.arn], [aws_vpc.vpc.id, aws_vpc.vpc.arn]), var.region)}",
        '${trimprefix(aws_vpc.vpc.arn, "https://")}',
    ],
)
def test_each_form_passes(text: str) -> None:
    check(with_text(text), DEFINITION)


@pytest.mark.parametrize(
    "text",
    [
        '${file("/etc/hostname")}',
        "${var.region == var.names}",
        "${path.module}",
        "${terraform.workspace}",
        "${each.key}",
        "${var.absent}",
        "${aws_vpc.other.id}",
        "${aws_subnet.vpc.id}",
        "${data.aws_vpc.zones.id}",
        "${var.region} %{ for x in y }",
        "%{ if true }x%{ endif }",
        "${ var.region }",
        "${var.region",
        "${var.names[var.region]}",
        "$${var.region}${file(1)}",
        '${trimprefix(file("/etc/hostname"), "x")}',
        '${trimprefix(var.region, "${var.region}")}',
        "${jsonencode(var.region)}",
        "${var.names[*]}",
        "${var}",
        "${lookup(var.names, var.absent)}",
        "${lookup(zipmap([file(1)], [var.region]), var.region)}",
        "${zipmap([var.region], [aws_vpc.other.id])}",
        "${[var.region]}",
        "${lookup()}",
        "${lookup(var.names, var.region}",
        "${lookup(var.names, var.region))}",
        "${lookup(var.names,var.region)}",
        "${lookup(var.names, var.region).x}",
        '${"x"}',
        '${trimprefix("x", "y")}',
        "${zipmap([[[[[[var.region]]]]]])}",
    ],
)
def test_any_other_expression_is_refused(text: str) -> None:
    with pytest.raises(NotAllowed):
        check(with_text(text), DEFINITION)


def test_keys_are_read_as_well() -> None:
    bad = config(resource={"aws_vpc": {"vpc": {"tags": {'${file("/etc/hostname")}': "x"}}}}, locals={}, output={})
    with pytest.raises(NotAllowed, match="file"):
        check(bad, DEFINITION)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"resource": {"null_resource": {"x": {}}}}, "null_resource"),
        ({"data": {"external": {"x": {}}}}, "external"),
        ({"data": {"http": {"x": {}}}}, "http"),
        ({"module": {"x": {"source": "./x"}}}, "module"),
        ({"provider": {"null": [{}]}}, "null"),
        ({"terraform": {"backend": {"s3": {}}}}, "backend"),
        ({"terraform": {"required_providers": {"aws": {"source": "evil/aws"}}}}, "evil/aws"),
        ({"resource": {"aws_vpc": {"vpc": {"provisioner": [{"local-exec": {"command": "id"}}]}}}}, "provisioner"),
        ({"resource": {"aws_vpc": {"vpc": {"connection": {}}}}}, "connection"),
        ({"resource": {"aws_vpc": []}}, "not an object"),
    ],
)
def test_anything_but_our_providers_types_and_arguments_is_refused(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(NotAllowed, match=what):
        check({**config(locals={}, output={}), **changes}, DEFINITION)
