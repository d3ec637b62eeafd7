"""`synth`"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace

from google.protobuf import json_format

from libs.beta9ctl import document_file, names
from libs.beta9ctl.problem import ExitCode, Problem, Violation

# The engine's own program, because this package imports no service: request on standard input, Terraform's JSON on
# standard output, errors as JSON on standard error.
ENGINE = [sys.executable, "-m", "services.infra_engine", "synth"]


def run(options: Namespace) -> int:
    """Prints the main.tf.json that the engine would apply."""
    document = document_file.load(options.file)
    names.workspace(options.workspace)
    request = {
        "environment": document.name,
        "workspace": options.workspace,
        "spec": json_format.MessageToDict(document.spec),
    }
    done = subprocess.run(ENGINE, input=json.dumps(request).encode(), capture_output=True, check=False)
    if done.returncode:
        raise _problem(done.stderr.decode(errors="replace"))
    sys.stdout.buffer.write(done.stdout)
    if not done.stdout.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    return ExitCode.OK


def _problem(said: str) -> Problem:
    """Reads the error that the engine wrote, or shows the end of what it said instead."""
    lines = [line for line in said.splitlines() if line.strip()]
    for line in reversed(lines):
        try:
            error = json.loads(line)
        except ValueError:
            continue
        if isinstance(error, dict) and error.get("message"):
            reason = error.get("reason", "")
            return Problem(
                error["message"],
                ExitCode.USAGE if reason.startswith("DOCUMENT_") else ExitCode.UNAVAILABLE,
                reason=reason,
                violations=tuple(
                    Violation(v.get("field", ""), v.get("description", "")) for v in error.get("violations", ())
                ),
                remedy=error.get("remedy", ""),
            )
    if any("No module named" in line for line in lines):
        return Problem(
            "The infra engine is not installed here, and synthesis is its work.",
            ExitCode.UNAVAILABLE,
            remedy="Install the project with its infra-engine extra, or run this in the repository after `make up`.",
            facts=(("it said", lines[-1]),),
        )
    return Problem(
        "Synthesis failed.", ExitCode.OPERATION_FAILED, facts=tuple(("it said", line) for line in lines[-5:])
    )
