"""What must go before a policy or a user.

AWS: DeleteConflict for a policy that is attached, is a boundary or has other versions, and for a user with
access keys.
moto: deletes them.
"""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend

from libs.sandbox.aws.iam import boundaries


def mend() -> None:
    """Check before the delete."""
    delete_policy, delete_user = IAMBackend.delete_policy, IAMBackend.delete_user

    def checked_policy(self: IAMBackend, policy_arn: str) -> None:
        policy: Any = self.get_policy(policy_arn)
        if policy.attachment_count or boundaries.holders(self, policy_arn):
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
        delete_policy(self, policy_arn)

    def checked_user(self: IAMBackend, user_name: str) -> None:
        if self.get_user(user_name).access_keys:
            raise DeleteConflictException("Cannot delete entity, must delete access keys first.")
        delete_user(self, user_name)

    IAMBackend.delete_policy = checked_policy  # type: ignore[method-assign]
    IAMBackend.delete_user = checked_user  # type: ignore[method-assign]
