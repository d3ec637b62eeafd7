"""Service-specific credentials of a user, which nobody here has.

AWS: ListServiceSpecificCredentials answers a list; Terraform asks for it before it deletes a user.
moto: does not know the action.
"""

from __future__ import annotations

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse


def mend() -> None:
    """Answer an empty list for a user that there is."""

    def list_service_specific_credentials(self: IamResponse) -> ActionResult:
        self.backend.get_user(self._get_param("UserName"))
        return ActionResult({"ServiceSpecificCredentials": []})

    IamResponse.list_service_specific_credentials = list_service_specific_credentials  # type: ignore[attr-defined]
