"""Mending the dated timetable: who is away, what moves, what a person decides."""
