"""The rotation period of a key.

AWS: EnableKeyRotation takes 90 to 2560 days (365 when none is given); GetKeyRotationStatus shows them.
moto: knows only whether the key is rotated.
"""

from __future__ import annotations

import json
from typing import Any

from moto.kms.exceptions import ValidationException
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse

_DEFAULT_DAYS = 365


def mend() -> None:
    """Keep the period beside the switch."""
    original = KmsResponse.enable_key_rotation

    def enable(self: KmsResponse) -> str:
        days = int(self._get_param("RotationPeriodInDays") or _DEFAULT_DAYS)
        if not 90 <= days <= 2560:
            raise ValidationException(
                f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy "
                "constraint: Member must be between 90 and 2560"
            )
        answer = original(self)
        _key(self.kms_backend, self._get_param("KeyId")).sandbox_rotation_days = days
        return answer

    def status(self: KmsResponse) -> str:
        key_id = self._get_param("KeyId")
        self._validate_cmk_id(key_id)
        key = _key(self.kms_backend, key_id)
        shown: dict[str, Any] = {"KeyRotationEnabled": key.key_rotation_status, "KeyId": key.arn}
        if key.key_rotation_status:
            shown["RotationPeriodInDays"] = getattr(key, "sandbox_rotation_days", _DEFAULT_DAYS)
        return json.dumps(shown)

    KmsResponse.enable_key_rotation = enable  # type: ignore[method-assign]
    KmsResponse.get_key_rotation_status = status  # type: ignore[method-assign]


def _key(backend: KmsBackend, key_id: str) -> Any:
    return backend.keys[backend.get_key_id(key_id)]
