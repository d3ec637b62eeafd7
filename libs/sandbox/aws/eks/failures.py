"""The errors of the EKS API."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ResourceNotFound(ServiceException):
    """Nothing has this name."""

    code = "ResourceNotFoundException"


class ResourceInUse(ServiceException):
    """The name is taken, or something still hangs on the resource."""

    code = "ResourceInUseException"


class InvalidParameter(ServiceException):
    """A value that EKS does not take."""

    code = "InvalidParameterException"


class UnsupportedZone(ServiceException):
    """EKS has no control planes in this zone."""

    code = "UnsupportedAvailabilityZoneException"


class InvalidRequest(ServiceException):
    """The resource is not in a state that allows this."""

    code = "InvalidRequestException"
