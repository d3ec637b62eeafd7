"""What each command of beta9ctl does; one module a family, imported when the command is run."""
