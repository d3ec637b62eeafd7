"""`python -m scripts.proto.generate [--check]`: writes libs/contracts/provisioning, or says what there is stale."""

from __future__ import annotations

import filecmp
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-untyped]

from scripts.proto.sources import GENERATED, PROTO, copy_google, sources, well_known


def main(arguments: list[str]) -> int:
    """0 when the generated code is what the protos say."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = _generate(Path(folder))
        stale = sorted(str(path) for path in _differing(fresh, GENERATED))
        if "--check" in arguments:
            if stale:
                print(f"proto: stale in {GENERATED}: {', '.join(stale)}; run make proto and commit it", file=sys.stderr)
            return 1 if stale else 0
        for name in stale:
            source, target = fresh / name, GENERATED / name
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
            else:
                target.unlink()
        print(f"proto: {len(stale)} files changed" if stale else "proto: up to date", file=sys.stderr)
    return 0


def _generate(target: Path) -> Path:
    include = target / "include"
    copy_google(include)
    code = protoc.main(
        [
            "protoc",
            f"--proto_path={PROTO}",
            f"--proto_path={include}",
            f"--proto_path={well_known()}",
            f"--python_out={target}",
            f"--pyi_out={target}",
            f"--grpc_python_out={target}",
            *(str(path.relative_to(PROTO)) for path in sources()),
        ]
    )
    if code != 0:
        raise SystemExit("proto: protoc failed, see above")
    package = target / "provisioning"
    for folder in (package, *(path for path in package.rglob("*") if path.is_dir())):
        (folder / "__init__.py").touch()
    (package / "py.typed").touch()
    return package


def _differing(fresh: Path, present: Path) -> set[Path]:
    """Files that are missing, superfluous or different, relative to both folders."""
    names = {
        path.relative_to(folder)
        for folder in (fresh, present)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {
        name
        for name in names
        if not ((fresh / name).exists() and (present / name).exists())
        or not filecmp.cmp(fresh / name, present / name, shallow=False)
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
