"""The ground every service stands on. Imports nothing of the house above it."""
