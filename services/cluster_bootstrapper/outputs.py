"""What the bootstrap reads of the Terraform outputs. Standard library only."""
