"""Pages as AIP-158 has them: opaque tokens, sizes coerced down."""

import base64
import binascii

from libs.failures import Actor, Failure, FieldViolation, Kind

_DEFAULT_SIZE = 50
_LARGEST_SIZE = 1000


def page_size(asked: int) -> int:
    """The size to serve. Raises Failure (PAGE_SIZE_INVALID) for a negative one."""
    if asked < 0:
        raise _invalid("PAGE_SIZE_INVALID", "page_size", "must not be negative")
    return min(asked or _DEFAULT_SIZE, _LARGEST_SIZE)


def token_of(position: str) -> str:
    """The token of the page behind `position`."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def token_text(token: str) -> str:
    """The position that a token holds; empty for the first page. Raises Failure (PAGE_TOKEN_INVALID)."""
    try:
        # Without `validate` foreign characters are skipped, and a token of nothing else would be the first page's.
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _invalid("PAGE_TOKEN_INVALID", "page_token", "is not one that this service gave") from error
    if "\0" in text:  # Postgres has no such text
        raise _invalid("PAGE_TOKEN_INVALID", "page_token", "is not one that this service gave")
    return text


def token_number(token: str, *, below: int = 2**31) -> int | None:
    """The number that a token holds; None for the first page. Raises Failure (PAGE_TOKEN_INVALID)."""
    text = token_text(token)
    if not text:
        return None
    # `below` is what the column can hold: a forged position must not fail in the query either.
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < below):
        raise _invalid("PAGE_TOKEN_INVALID", "page_token", "is not one that this service gave")
    return int(text)


def _invalid(reason: str, field: str, what: str) -> Failure:
    return Failure(
        reason,
        f"{field} {what}.",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.CUSTOMER,
        remedy="Leave it out, or pass what the page before answered.",
        violations=[FieldViolation(field, what, reason)],
    )
