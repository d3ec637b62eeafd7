"""The command line of Beta9 Provisioning."""
