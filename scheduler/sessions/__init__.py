"""Lessons that run: their life, their bells, what others are told of it."""
