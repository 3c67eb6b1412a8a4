"""The roof: the `tongke` command and the all-in-one server.

Imports every service; nothing imports it.
"""
