"""`python -m scripts.proto.buf lint|breaking|baseline`: runs buf with Google's protos beside ours.

buf would fetch those from a schema registry; here they come from an installed wheel, as a second module of a workspace
that is laid out in a temporary folder. The rules are those of the repository's buf.yaml.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.proto.sources import BASELINE, PROTO, ROOT, copy_google

_BUF = ROOT / ".tools" / "bin" / "buf"


def main(arguments: list[str]) -> int:
    """buf's exit code."""
    verbs = {
        "lint": ["lint", "proto"],
        "breaking": ["breaking", "proto", "--against", str(BASELINE)],
        "baseline": ["build", "proto", "--exclude-source-info", "-o", str(BASELINE)],
    }
    if len(arguments) != 1 or arguments[0] not in verbs:
        print(f"usage: python -m scripts.proto.buf {'|'.join(verbs)}", file=sys.stderr)
        return 2
    if not _BUF.exists():
        print("proto: there is no buf in .tools/bin; run make setup", file=sys.stderr)
        return 1
    if arguments[0] == "breaking" and not BASELINE.exists():
        print(
            f"proto: {BASELINE} is missing; restore it from git, or make it with make proto-baseline", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(Path(folder))
        done = subprocess.run([_BUF, *verbs[arguments[0]]], cwd=folder, check=False)
    return done.returncode


def _lay_out(workspace: Path) -> None:
    shutil.copytree(PROTO, workspace / "proto")
    copy_google(workspace / "google-protos")
    rules = (ROOT / "buf.yaml").read_text()
    ours = "  - path: proto\n"
    if ours not in rules:
        raise SystemExit(f"proto: buf.yaml has no line '{ours.strip()}'; put it back")
    (workspace / "buf.yaml").write_text(rules.replace(ours, ours + "  - path: google-protos\n"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
