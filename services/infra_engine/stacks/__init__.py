"""What an environment is made of. Everything here but the `build` functions knows the standard library alone."""
