"""`tongke timetable`: the timetable from a shell, on files or on a running server."""
