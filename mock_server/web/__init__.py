"""Starlette in front of the core: handlers, the envelope, the control API, the page."""
