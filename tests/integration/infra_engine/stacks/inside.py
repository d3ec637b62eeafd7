"""Stacks that look at the libraries from inside the synthesis child, and end the synthesis when these have changed."""

from typing import Any

from services.infra_engine.stacks.definition import Shape, StackDefinition
from services.infra_engine.stacks.stack_input import StackInput


def compare_wire(stack: Any, shape: Shape) -> None:
    """What we send for a struct is what jsii itself would, but for members that are null."""
    import jsii

    from services.infra_engine.stacks.bindings import aws, cdktf
    from services.infra_engine.synthesis import jsii_channel

    template = aws("launch_template")
    given = template.LaunchTemplateConfig(
        name="one",
        lifecycle={"ignore_changes": ["name"], "create_before_destroy": True},
        block_device_mappings=[
            template.LaunchTemplateBlockDeviceMappings(
                device_name="/dev/xvda", ebs=template.LaunchTemplateBlockDeviceMappingsEbs(volume_size=8.5)
            )
        ],
        metadata_options=template.LaunchTemplateMetadataOptions(),
        tags={"Name": "one", "empty": ""},
        ebs_optimized="false",
        update_default_version=False,
        depends_on=[stack],
    )
    _expect(jsii._kernel._make_reference_for_native is jsii_channel.to_wire)
    ours = jsii_channel.to_wire(jsii.kernel, given)
    published = jsii_channel._published
    jsii._kernel._make_reference_for_native = published
    try:
        theirs = published(jsii.kernel, given)
    finally:
        jsii._kernel._make_reference_for_native = jsii_channel.to_wire
    _expect(ours != theirs, "nothing was left out")
    _expect(_without_nulls(ours) == _without_nulls(theirs), f"{ours} is not {theirs}")
    _expect(_nulls(ours["$jsii.struct"]["data"]["metadataOptions"]), "a struct without members is none to Node")
    _expect(isinstance(cdktf.Testing.synth(stack), str))


def find_no_traces(stack: Any, shape: Shape) -> None:
    """cdktf collects no stack traces."""
    from services.infra_engine.stacks.bindings import cdktf

    _expect(cdktf.Token.as_any("${var.one}").creation_stack == [])


def _expect(held: bool, what: str = "") -> None:
    if not held:  # not an assertion: the child runs without
        raise ValueError(what)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def _nulls(struct: dict[str, Any]) -> bool:
    members = struct["$jsii.struct"]["data"]
    return bool(members) and set(members.values()) == {None}


def _definition(name: str, build: str) -> StackDefinition:
    def nothing(stack_input: StackInput) -> dict[str, Any]:
        return {}

    return StackDefinition(
        name=name,
        build=f"{__name__}:{build}",
        shape=nothing,
        variables=nothing,
        resource_types=frozenset(),
        data_types=frozenset(),
        milestones=lambda shape: (),
    )


WIRE = _definition("wire", "compare_wire")
TRACES = _definition("traces", "find_no_traces")
