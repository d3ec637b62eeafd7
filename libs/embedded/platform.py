"""`Platform`: everything on one machine, started in order, kept running, ended in the opposite order."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from libs.embedded import account, cloud, machine, nats, onboarding, readiness, specs
from libs.embedded import ports as listening
from libs.embedded.failures import PlatformError
from libs.embedded.layout import SERVICES, Layout, passwords
from libs.embedded.postgres import Postgres
from libs.embedded.running import PATIENCE, Processes, together
from libs.embedded.specs import Sandbox, Spec
from libs.embedded.supervise import Supervised, tail
from libs.interrupts.whole import to_its_end


@dataclass(frozen=True)
class Endpoints:
    """Where a running platform answers."""

    environment_registry: str
    infra_engine: str
    cluster_bootstrapper: str
    state_backend_manager: str
    nats: str
    """With the name and password of the user who may subscribe to the environments' events."""
    sandbox: str | None
    """Base URL of the cloud, or None where the platform works on a real AWS."""
    spans: Path


class Platform(Processes):
    """Use it as `async with Platform(state_dir, ports="auto") as platform`.

    Args:
        state_dir: folder of all its files; two platforms never share one.
        ports: "fixed" (defaults and their environment variables), "auto" (free ones), or the ports.
        sandbox: True for a cloud on this machine, or its settings; False for the caller's own AWS.
        services: which of the four services to run.
        modules: by a service's name, a module to run in its place, with the same rooms.
        workers: by a service's name, how many of its workers run; the second one is called `<service>.worker-2`.
        environment: the caller's environment, of which a few variables are taken over.
        extra: variables to add to every service's environment.
        tell: called with one line for each thing done.

    Entering raises PlatformError, with nothing left running, when something does not start.
    """

    def __init__(
        self,
        state_dir: Path | str,
        *,
        ports: listening.Ports | Literal["fixed", "auto"] = "fixed",
        sandbox: bool | Sandbox = True,
        services: tuple[str, ...] = SERVICES,
        modules: Mapping[str, str] | None = None,
        workers: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        extra: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._outside = dict(os.environ if environment is None else environment)
        self._extra = dict(extra or {})
        super().__init__(Layout(Path(state_dir).resolve()), changed=self._account, tell=tell)
        self._ports = _chosen(ports, self._outside)
        self._sandbox = Sandbox() if sandbox is True else sandbox or None
        self._services = services
        self._modules = dict(modules or {})
        self._workers = dict(workers or {})
        self._stack = AsyncExitStack()
        self._state = "starting"
        self._passwords: dict[str, str] = {}

    # Running.

    async def __aenter__(self) -> Self:
        self._layout.make()
        try:
            self._stack.enter_context(account.sole(self._layout))
            self._stack.push_async_callback(self._end)
            await self._start_all()
        except BaseException:
            await to_its_end(self._stack.aclose())
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_its_end(self._stack.aclose())

    @property
    def endpoints(self) -> Endpoints:
        """Where it answers."""
        return Endpoints(
            environment_registry=self._ports.address("environment_registry"),
            infra_engine=self._ports.address("infra_engine"),
            cluster_bootstrapper=self._ports.address("cluster_bootstrapper"),
            state_backend_manager=self._ports.address("state_backend_manager"),
            nats=nats.url(self._ports, nats.SUBSCRIBER, self._passwords),
            sandbox=self._sandbox_url,
            spans=self._layout.spans,
        )

    @property
    def client_environment(self) -> dict[str, str]:
        """Variables for clients such as beta9ctl and the NATS command line."""
        return {
            **specs.addresses(self._ports),
            "PROVISIONING_SPANS_DIR": str(self._layout.spans),
            "NATS_URL": self.endpoints.nats,
            **({"AWS_ENDPOINT_URL": self._sandbox_url} if self._sandbox_url else {}),
        }

    def database_url(self, service: str) -> str:
        """The address of a service's own schema, with its password: for tools that look into it."""
        server = Postgres(self._layout.postgres, self._ports.postgres, self._passwords["postgres"])
        return server.url(service, self._passwords[f"postgres.{service}"])

    async def onboard(self, role_arn: str, external_id: str) -> None:
        """Make an account and a role in the sandbox that the platform may take with this external id alone."""
        if self._sandbox_url is None:
            raise PlatformError("accounts and roles are made in the sandbox alone, and this platform has none")
        await onboarding.onboard(self._sandbox_url, role_arn, external_id)

    # Starting.

    @property
    def _sandbox_url(self) -> str | None:
        return f"http://{self._ports.address('sandbox')}" if self._sandbox is not None else None

    async def _start_all(self) -> None:
        listeners = ("postgres", "nats", *(("sandbox",) if self._sandbox else ()), *self._services)
        await listening.check(self._ports, listeners)
        machine.check_tools(specs.TOOLS, ("nats-server",))
        base = specs.base_environment(self._outside)
        clusters = self._sandbox is not None and self._sandbox.kubernetes
        machine.check_programs(base["PATH"], *machine.programs(self._services, clusters=clusters))
        machine.check_memory()
        machine.check_disk(self._layout.state)
        self._layout.set_logs_aside()
        if self._sandbox is not None:
            self._layout.forget()
            self._layout.make()
        self._passwords = passwords(
            self._layout.run / "passwords.json",
            ("postgres", *(f"postgres.{service}" for service in SERVICES), *nats.USERS),
        )
        server = Postgres(self._layout.postgres, self._ports.postgres, self._passwords["postgres"])
        self._tell("starting Postgres, nats-server" + (" and the sandbox" if self._sandbox else ""))
        await server.initialize()
        first = [
            specs.postgres(server, base),
            specs.nats_server(self._layout, self._ports, self._passwords),
            *([specs.sandbox(self._layout, self._ports, base, self._sandbox)] if self._sandbox else []),
        ]

        async def ask(listener: str) -> bool:
            return await readiness.ready(listener, self._ports, server)

        await self.start_together(first, ask)
        await server.provision(
            {service: self._passwords[f"postgres.{service}"] for service in SERVICES},
            afresh=self._sandbox is not None,
        )
        key = await cloud.administrator_key(self._sandbox_url, cloud.PLATFORM_ACCOUNT) if self._sandbox_url else {}
        environment = {**base, **specs.aws_environment(self._outside, self._sandbox_url, key), **self._extra}
        self._tell("bringing the databases up to date")
        await together([self._migrate(service, environment) for service in self._services])
        self._tell("starting the services")
        await self.start_together(
            [self._service(name, room, environment) for name in self._services for room in self._rooms(name)],
            ask,
        )
        self._state = "ready"
        self._account()
        self._tell("ready")

    def _rooms(self, service: str) -> tuple[str, ...]:
        return ("api", "worker", *(f"worker-{number}" for number in range(2, self._workers.get(service, 1) + 1)))

    def _service(self, name: str, room: str, environment: Mapping[str, str]) -> Spec:
        module = self._modules.get(name, "")
        spec = specs.service(
            name, room.partition("-")[0], self._layout, self._ports, environment, self._passwords, module
        )
        return replace(spec, name=f"{name}.{room}")

    async def _migrate(self, service: str, environment: Mapping[str, str]) -> None:
        migration = Supervised(self._service(service, "migrate", environment), self._layout)
        code = await migration.run_once(PATIENCE)
        if code != 0:
            raise PlatformError(
                f"the database of {service} could not be brought up to date (exit code {code}); "
                f"see {migration.log}, which ends with:\n{tail(migration.log)}"
            )

    async def _end(self) -> None:
        self._state = "stopping"
        await self.stop_all()

    def _account(self) -> None:
        if self._state == "stopping":
            return
        account.write(
            self._layout,
            {
                "state": self._state,
                "pid": os.getpid(),
                "environment": self.client_environment,
                "sandbox": self._sandbox_url,
                "processes": self.accounts,
            },
        )


def _chosen(ports: listening.Ports | Literal["fixed", "auto"], environment: Mapping[str, str]) -> listening.Ports:
    if isinstance(ports, listening.Ports):
        return ports
    return listening.free() if ports == "auto" else listening.from_environment(environment)
