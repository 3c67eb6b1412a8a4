"""Editions of a term's weekly timetable: drafted, compared, published, kept."""
