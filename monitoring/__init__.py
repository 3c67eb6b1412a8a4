"""Watches lessons: bus events in, one overview, per-lesson truth and metrics out.

It only listens: nothing in the house waits for it, and a lesson goes on without it.
"""
