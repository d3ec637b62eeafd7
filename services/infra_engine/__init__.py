"""Synthesizes, plans, applies and destroys what an environment is made of; owns deployments and revisions."""
