"""Where Terraform state is kept: the buckets, the versions shipped to them, and the leases that runs work under."""
