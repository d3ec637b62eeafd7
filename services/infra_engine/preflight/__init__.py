"""What would stop a build, found out before anything is touched, all at once.

`checks` take facts and give findings, and know the standard library alone; `aws` gathers the facts; `preflight` is
the entry.
"""

from services.infra_engine.preflight.findings import Finding

__all__ = ["Finding"]
