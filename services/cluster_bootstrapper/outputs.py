"""What the bootstrap reads of the Terraform outputs. Standard library only."""

from __future__ import annotations
