"""Clients under test: run against a fake that misbehaves, and judged by what they did.

A client is a command or a page. What it went through is a plan, how it fared an outcome, and what
is wrong with that a verdict; none of the three knows which kind of client it was.
"""
