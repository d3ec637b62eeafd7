"""What the launcher says when it cannot go on."""


class PlatformError(Exception):
    """One clear sentence for the user, with the remedy."""
