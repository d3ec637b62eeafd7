"""Outputs read from the resources of a state in the making."""

import json
from typing import Any

from services.infra_engine.terraform import OutputReader, StateSnapshot

MAIN = json.dumps(
    {
        "output": {
            "vpc_id": {"value": "${aws_vpc.vpc.id}"},
            "issuer": {"value": "${aws_eks_cluster.cluster.identity[0].oidc[0].issuer}"},
            "region": {"value": "${var.region}"},
            "prefix": {"value": "${var.names.prefix}"},
            "port": {"value": "${aws_db_instance.db.port}"},
            "text": {"value": "not a reference"},
        }
    }
).encode()
READER = OutputReader(MAIN, {"region": "us-east-1", "names": {"prefix": "p"}})


def snapshot(*resources: dict[str, Any]) -> StateSnapshot:
    raw = json.dumps({"version": 4, "serial": 1, "lineage": "L", "resources": list(resources)})
    return StateSnapshot("L", 1, raw.encode())


def resource(kind: str, name: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes, **more}]}


def test_what_is_there_is_read_and_the_rest_left_out() -> None:
    state = snapshot(
        resource("aws_vpc", "vpc", {"id": "vpc-1"}),
        resource("aws_eks_cluster", "cluster", {"identity": [{"oidc": [{"issuer": "https://x"}]}]}),
    )
    assert READER.read(state) == {"vpc_id": "vpc-1", "issuer": "https://x", "region": "us-east-1", "prefix": "p"}


def test_numbers_stay_numbers() -> None:
    assert READER.read(snapshot(resource("aws_db_instance", "db", {"port": 5432})))["port"] == 5432


def test_tainted_unfinished_and_odd_resources_give_nothing() -> None:
    state = snapshot(
        resource("aws_vpc", "vpc", {"id": "vpc-1"}, status="tainted"),
        resource("aws_eks_cluster", "cluster", {"identity": []}),
        resource("aws_db_instance", "db", {"port": None}),
    )
    assert READER.read(state) == {"region": "us-east-1", "prefix": "p"}


def test_lists_and_what_was_read_are_given_too() -> None:
    main = {
        "output": {
            "ids": {"value": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"]},
            "partly": {"value": ["${aws_subnet.a.id}", "${aws_subnet.none.id}"]},
            "mixed": {"value": ["${aws_subnet.a.id}", "text"]},
            "found": {"value": "${data.aws_subnets.public.ids}"},
        }
    }
    state = snapshot(
        resource("aws_subnet", "a", {"id": "subnet-1"}),
        resource("aws_subnet", "b", {"id": "subnet-2"}),
        {**resource("aws_subnets", "public", {"ids": ["subnet-3"]}), "mode": "data"},
    )
    got = OutputReader(json.dumps(main).encode(), {}).read(state)
    assert got == {"ids": ["subnet-1", "subnet-2"], "found": ["subnet-3"]}
