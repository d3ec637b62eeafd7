"""EKS: clusters, node groups, add-ons, access entries and pod identities, in a backend of our own."""
