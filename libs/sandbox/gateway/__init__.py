"""A process that stands for Beta9's gateway in the sandbox: the real one's health checks and first-token
protocol, and its refusal to work with a configuration that it could not work with."""
