"""`python -m libs.persistence revision SERVICE MESSAGE`: writes a service's next migration. For developers.

The service's schema must be at its newest version at PROVISIONING_POSTGRES_URL.
"""

import importlib
import os
import sys
from pathlib import Path

from libs.persistence.migrations import migrate, write_revision


def main() -> int:
    if len(sys.argv) != 4 or sys.argv[1] != "revision":
        print(__doc__, file=sys.stderr)
        return 2
    service, message = sys.argv[2], sys.argv[3]
    url = os.environ["PROVISIONING_POSTGRES_URL"]
    metadata = importlib.import_module(f"services.{service}.tables").METADATA
    versions = Path("services") / service / "migrations" / "versions"
    migrate(url, versions.resolve(), metadata)
    write_revision(url, versions.resolve(), metadata, message)
    return 0


if __name__ == "__main__":
    sys.exit(main())
