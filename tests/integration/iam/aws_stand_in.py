"""`aws` as far as scripts/setup-iam.sh calls it, for machines without the AWS CLI: botocore from a command line.

Knows `aws SERVICE OPERATION --some-parameter value...`, `file://` values, `--output text|json` and `--query`, and fails
as the CLI does: the error on stderr, 254 as exit code. One process answers all commands, as to load botocore takes a
second and a run of the script is twenty commands; the program on PATH hands its command line over to it.
"""

import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError

_PROGRAM = """#!{python} -IS
import json, os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({place!r})
with asked.makefile("rw") as lines:
    print(json.dumps([sys.argv[1:], dict(os.environ)]), file=lines, flush=True)
    code, out, said = json.loads(lines.readline())
sys.stdout.write(out)
sys.stderr.write(said)
sys.exit(code)
"""


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Puts `aws` into a folder and answers it."""
    place = str(folder / "aws.sock")
    with socketserver.UnixStreamServer(place, _Command) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        program = folder / "aws"
        program.write_text(_PROGRAM.format(python=sys.executable, place=place))
        program.chmod(0o755)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _Command(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        arguments, environment = json.loads(self.rfile.readline())
        try:
            answer = (0, _answer(arguments, environment), "")
        except ClientError as error:
            answer = (254, "", f"\n{error}\n")
        except Exception as error:
            answer = (255, "", f"\n{error!r}\n")
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def _answer(arguments: list[str], environment: dict[str, str]) -> str:
    service, operation, *rest = arguments
    name = operation.replace("-", "_")
    client = _session().create_client(
        service,
        region_name=environment["AWS_REGION"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    given = _parsed(rest)
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
    by_flag = {xform_name(one, "-"): one for one in (model.input_shape.members if model.input_shape else {})}
    answer = getattr(client, name)(**{by_flag[flag]: value for flag, value in given.parameters.items()})
    answer.pop("ResponseMetadata", None)
    return _printed(jmespath.search(given.query, answer) if given.query else answer, given.output)


@cache
def _session() -> botocore.session.Session:
    """One for all commands: it keeps what it has loaded."""
    return botocore.session.get_session()


@dataclass(frozen=True)
class _Given:
    parameters: dict[str, Any]
    output: str
    query: str | None


def _parsed(rest: list[str]) -> _Given:
    parameters: dict[str, Any] = {}
    output, query = "json", None
    while rest:
        flag = rest.pop(0).removeprefix("--")
        if flag == "set-as-default":
            parameters[flag] = True
            continue
        value = rest.pop(0)
        if flag == "output":
            output = value
        elif flag == "query":
            query = value
        else:
            parameters[flag] = Path(value[7:]).read_text() if value.startswith("file://") else value
    return _Given(parameters, output, query)


def _printed(found: Any, output: str) -> str:
    if output == "text":
        return ("\t".join(str(one) for one in found) if isinstance(found, list) else str(found)) + "\n"
    return json.dumps(found, indent=4, default=str) + "\n" if found else ""
