"""`gateway.GatewayService/Authorize` as messages, described here by what is on the wire.

Only names and numbers are the real gateway's (facts, read from `pkg/gateway/gateway.proto` of
beam-cloud/beta9 at 0b79dfebdea251901334303ebc6a3908f3566016): the request is empty; the response has `ok`
(1, bool), `workspace_id` (2), `new_token` (3) and `error_msg` (4), all strings.
"""

from __future__ import annotations

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

SERVICE = "gateway.GatewayService"
AUTHORIZE = "Authorize"


def _describe() -> descriptor_pb2.FileDescriptorProto:
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="sandbox/gateway.proto", package="gateway", syntax="proto3")
    file.message_type.add(name="AuthorizeRequest")
    response = file.message_type.add(name="AuthorizeResponse")
    for number, (name, kind) in enumerate(
        (
            ("ok", field.TYPE_BOOL),
            ("workspace_id", field.TYPE_STRING),
            ("new_token", field.TYPE_STRING),
            ("error_msg", field.TYPE_STRING),
        ),
        start=1,
    ):
        response.field.add(name=name, number=number, type=kind, label=field.LABEL_OPTIONAL)
    return file


# A pool of its own: the default one may hold another description of the same package.
_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_describe())


def _message(name: str) -> type[Message]:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"gateway.{name}"))


AuthorizeRequest = _message("AuthorizeRequest")
AuthorizeResponse = _message("AuthorizeResponse")
