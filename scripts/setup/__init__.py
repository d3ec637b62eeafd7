"""Installs what the project needs to run and to be tested, from a clone and the system's own Python.

Only the standard library is imported here: nothing is installed yet when it runs.
"""
