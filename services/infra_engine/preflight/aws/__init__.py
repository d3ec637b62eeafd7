"""Gathers facts by boto3: reads alone, in threads, each fact on its own so that one refusal hides no other."""
