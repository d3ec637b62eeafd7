"""IAM as other services of the sandbox ask it."""
