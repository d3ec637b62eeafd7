"""Windows of time in UTC: `03:00-04:00` of a day, `sun:05:00-sun:06:00` of a week."""

from __future__ import annotations

import re

from services.environment_registry.documents.findings import Findings

_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = rf"({'|'.join(_DAYS)}):"
_DAILY = re.compile(rf"{_CLOCK}-{_CLOCK}")
_WEEKLY = re.compile(rf"{_DAY}{_CLOCK}-{_DAY}{_CLOCK}")
_MINUTES_A_DAY = 24 * 60
_MINUTES_A_WEEK = 7 * _MINUTES_A_DAY


def check_windows(found: Findings, at: str, daily: tuple[str, str], weekly: tuple[str, str], least: int) -> None:
    """Check a store's daily and its weekly window, each `(field, text)`, empty where not said; `least` in minutes.

    AWS refuses two that meet.
    """
    day, week = (
        _daily(found, f"{at}.{daily[0]}", daily[1], least),
        _weekly(found, f"{at}.{weekly[0]}", weekly[1], least),
    )
    if day is None or week is None:
        return
    for number in range(-1, len(_DAYS) + 1):
        start = day[0] + number * _MINUTES_A_DAY
        for shift in (-_MINUTES_A_WEEK, 0, _MINUTES_A_WEEK):
            if start < week[0] + week[1] + shift and week[0] + shift < start + day[1]:
                found.invalid(f"{at}.{daily[0]}", f"Meets {weekly[0]}, which AWS refuses: move one of them.")
                return


def _daily(found: Findings, field: str, text: str, least: int) -> tuple[int, int] | None:
    """Answer start and length in minutes; None for what is not said or not right."""
    if not text or not found.match(field, text, _DAILY, 'a window of the day in UTC such as "03:00-04:00"'):
        return None
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in text.split("-"))
    return _long_enough(found, field, start, (end - start) % _MINUTES_A_DAY, least)


def _weekly(found: Findings, field: str, text: str, least: int) -> tuple[int, int] | None:
    if not text or not found.match(field, text, _WEEKLY, 'a window of the week in UTC such as "sun:05:00-sun:06:00"'):
        return None
    start, end = (_DAYS.index(one[:3]) * _MINUTES_A_DAY + int(one[4:6]) * 60 + int(one[7:]) for one in text.split("-"))
    length = _long_enough(found, field, start, (end - start) % _MINUTES_A_WEEK, least)
    if length is not None and length[1] > _MINUTES_A_DAY:
        found.invalid(field, "Is longer than a day: give a shorter one.")
        return None
    return length


def _long_enough(found: Findings, field: str, start: int, length: int, least: int) -> tuple[int, int] | None:
    if length >= least:
        return start, length
    found.invalid(field, f"Is {length} minutes long: give at least {least}.")
    return None
