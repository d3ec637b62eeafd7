"""What the tests of the sandbox's services share."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of a call that AWS refuses."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"].get("Message", "")


def until(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """The first true answer of `condition`; fails when none comes in time."""
    ends = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < ends, "it did not come to hold in time"
        time.sleep(0.05)
    return answer
