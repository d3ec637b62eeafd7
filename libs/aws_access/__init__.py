"""Access to a customer's AWS account through the role that they granted.

`AwsAccess` is plain data and can travel in a request. The boto3 part is in `sessions`, which imports boto3
when it is first used, so that a process that only carries `AwsAccess` around does not pay for it.
"""

from libs.aws_access.access import AwsAccess

__all__ = ["AwsAccess"]
