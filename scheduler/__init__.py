"""Organisation, timetable, calendar, life cycle of lessons, starter.

timetable → plan → life cycle → starter, then `session.prepare/start/end` on the bus.
"""
