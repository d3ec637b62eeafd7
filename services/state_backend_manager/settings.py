"""What this service is told beside what every service is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

ADDRESS_VARIABLE = "STATE_BACKEND_MANAGER_ADDRESS"
DEFAULT_ADDRESS = "127.0.0.1:50054"


@dataclass(frozen=True, slots=True)
class ManagerSettings:
    """PROVISIONING_S3_PATH_STYLE: whether buckets are addressed by path, as S3 look-alikes need; default false."""

    s3_path_style: bool

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "ManagerSettings":
        return cls(s3_path_style=environment.get("PROVISIONING_S3_PATH_STYLE", "false") == "true")
