"""The document that a customer writes: what it may say, and what this release builds of it."""

from services.environment_registry.documents.validation import check_document

__all__ = ["check_document"]
