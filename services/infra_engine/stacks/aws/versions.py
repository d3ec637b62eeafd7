"""Versions of what AWS runs for us."""

# The newest minor that the sandbox's own control plane and the pinned charts are tested with. Standard support ends
# 2027-03-27; 1.36 is offered too (until 2027-08-02) and is the next default once that pair is tested.
KUBERNETES = "1.35"

# STANDARD lets AWS upgrade the cluster on the day that its support ends, away from the document and at an hour nobody
# chose; EXTENDED costs more from that day on, and only then.
KUBERNETES_SUPPORT = "EXTENDED"

# A major alone: RDS picks its newest minor and upgrades it by itself, which is no drift then.
POSTGRES = "17"
POSTGRES_FAMILY = "postgres17"

# Redis OSS ends at 7.1 on ElastiCache; Valkey goes on and speaks the same protocol.
CACHE_ENGINE = "valkey"
CACHE_ENGINE_VERSION = "8.0"
CACHE_FAMILY = "valkey8"
