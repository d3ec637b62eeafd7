"""`python -m services.environment_registry api|worker|migrate`."""

import sys
from pathlib import Path

from libs.hosting import ServiceDefinition, Settings, main
from services.environment_registry.api.start import start_api
from services.environment_registry.settings import ADDRESS
from services.environment_registry.tables import EVENTS, METADATA
from services.environment_registry.worker import start_worker

DEFINITION = ServiceDefinition(
    name="environment-registry",
    metadata=METADATA,
    versions=Path(__file__).parent / "migrations" / "versions",
    events=EVENTS,
    read_settings=lambda: Settings.read(*ADDRESS),
    start_api=start_api,
    start_worker=start_worker,
)

if __name__ == "__main__":
    sys.exit(main(DEFINITION))
