"""`aws` as far as scripts/setup-iam.sh calls it, for machines without the AWS CLI: botocore from a command line.

Knows `aws SERVICE OPERATION --some-parameter value...`, `file://` values, `--output text|json` and `--query`, and fails
as the CLI does: the error on stderr, 254 as exit code.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError


def main(arguments: list[str]) -> int:
    service, operation, *rest = arguments
    core = botocore.session.get_session()
    client = core.create_client(service, region_name=os.environ.get("AWS_REGION", "us-east-1"))
    given, output, query = _parsed(rest)
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation.replace("-", "_")])
    members = model.input_shape.members if model.input_shape else {}
    by_flag = {xform_name(name, "-"): name for name in members}
    try:
        answer = getattr(client, operation.replace("-", "_"))(**{by_flag[flag]: value for flag, value in given.items()})
    except ClientError as error:
        print(f"\n{error}", file=sys.stderr)
        return 254
    answer.pop("ResponseMetadata", None)
    _print(jmespath.search(query, answer) if query else answer, output)
    return 0


def _parsed(rest: list[str]) -> tuple[dict[str, Any], str, str | None]:
    given: dict[str, Any] = {}
    output, query = "json", None
    while rest:
        flag = rest.pop(0).removeprefix("--")
        if flag == "set-as-default":
            given[flag] = True
            continue
        value = rest.pop(0)
        if flag == "output":
            output = value
        elif flag == "query":
            query = value
        else:
            given[flag] = Path(value[7:]).read_text() if value.startswith("file://") else value
    return given, output, query


def _print(found: Any, output: str) -> None:
    if output == "text":
        print("\t".join(str(one) for one in found) if isinstance(found, list) else found)
    elif found:
        print(json.dumps(found, indent=4, default=str))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
