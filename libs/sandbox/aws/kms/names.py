"""Keys by whatever names them, and the keys that are AWS' own.

AWS: takes a key's ARN wherever it takes its id; the keys behind `alias/aws/...` are managed by AWS.
moto: fails with an ARN when a key is switched off or deleted, and makes AWS' keys the customer's.
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import KmsBackend

_BY_ID_ALONE = ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion")


def mend() -> None:
    """Take ARNs, and say whose a key is."""
    for name in _BY_ID_ALONE:
        _take_arns(name)
    original = KmsBackend._generate_default_keys

    def generate(self: KmsBackend, alias_name: str) -> str | None:
        key_id = original(self, alias_name)
        if key_id is not None:
            self.keys[key_id].key_manager = "AWS"
        return key_id

    KmsBackend._generate_default_keys = generate  # type: ignore[method-assign]


def _take_arns(name: str) -> None:
    original = getattr(KmsBackend, name)

    def by_id(self: KmsBackend, key_id: str, *arguments: Any, **named: Any) -> Any:
        return original(self, self.get_key_id(key_id), *arguments, **named)

    setattr(KmsBackend, name, by_id)
