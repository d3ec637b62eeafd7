"""The AWS side of the sandbox: moto's server with its gaps mended, one gap a file."""
