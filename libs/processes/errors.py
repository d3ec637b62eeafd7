"""What can go wrong before a child runs."""


class ExecutableNotFound(Exception):
    """The program is neither a file nor on the child's PATH."""

    def __init__(self, program: str) -> None:
        super().__init__(f"The program {program!r} was not found: install it or put its folder on PATH.")
        self.program = program


class CannotStart(Exception):
    """The operating system refused to start the program (rights, format, limits, missing folder)."""

    def __init__(self, program: str, reason: str) -> None:
        super().__init__(f"The program {program!r} could not be started: {reason}.")
        self.program = program
        self.reason = reason
