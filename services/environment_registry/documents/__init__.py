"""The document that a customer writes: what it may say, and what this release builds of it."""

from services.environment_registry.documents.changes import Change, FieldChange, field_changes
from services.environment_registry.documents.masks import merged
from services.environment_registry.documents.validation import check_document
from services.environment_registry.documents.versions import with_built_versions

__all__ = ["Change", "FieldChange", "check_document", "field_changes", "merged", "with_built_versions"]
