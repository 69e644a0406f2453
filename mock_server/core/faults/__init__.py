"""Misbehaviour as data: which kinds there are, and a plan that says when which one happens.

One family of kinds per file. A kind says what a client sees of it; the functions beside it do it,
without I/O.
"""
