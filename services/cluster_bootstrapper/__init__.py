"""From a cluster that answers to a healthy Beta9, and back to a cluster that can be destroyed."""
