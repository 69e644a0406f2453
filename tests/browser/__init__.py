"""Tests in a real browser.

A package, because pytest ends what is scoped to one when it leaves it: Playwright keeps an event
loop in the main thread, and tests elsewhere start loops of their own.
"""
