"""Page sizes and tokens."""

import pytest

from libs.failures import Failure
from libs.grpckit.pages import page_size, token_number, token_of, token_text


def test_sizes_are_coerced_and_negative_ones_refused() -> None:
    assert (page_size(0), page_size(7), page_size(10**6)) == (50, 7, 1000)
    with pytest.raises(Failure, match="PAGE_SIZE_INVALID"):
        page_size(-1)


def test_a_token_gives_its_position_back() -> None:
    assert token_text(token_of("e1")) == "e1"
    assert (token_number(""), token_number(token_of("41"))) == (None, 41)


@pytest.mark.parametrize("position", ["abc", "-1", "1.5", "²", str(2**31), "9" * 5000])
def test_a_token_that_holds_no_position_is_refused(position: str) -> None:
    with pytest.raises(Failure, match="PAGE_TOKEN_INVALID"):
        token_number(token_of(position))


def test_what_is_no_token_is_refused() -> None:
    with pytest.raises(Failure, match="PAGE_TOKEN_INVALID"):
        token_text("é")
