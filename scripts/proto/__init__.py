"""Generates the contracts' Python code, tells when it is stale, and runs buf over the protos."""
