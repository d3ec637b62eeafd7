"""The front door: environments, their operations, and the lifecycle that asks the stages."""
