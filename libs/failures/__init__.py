"""The one typed failure that every part raises and every edge renders. Standard library only."""

from libs.failures.failure import Actor, Failure, FieldViolation, Kind

__all__ = ["Actor", "Failure", "FieldViolation", "Kind"]
