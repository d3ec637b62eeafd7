"""An error of any service, by its code."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class AwsFailure(ServiceException):
    """`AwsFailure(code, message)`; the service's model gives the status. (moto's own class outside of a
    service's package cannot be written into an answer.)"""
