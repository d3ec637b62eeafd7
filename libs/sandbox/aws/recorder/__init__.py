"""Which IAM actions were really called in an account with an assumed role: what a least-privilege policy must allow."""

from libs.sandbox.aws.recorder.calls import Calls

__all__ = ["Calls"]
