"""The Beta9 stack on AWS: one construct a file."""
