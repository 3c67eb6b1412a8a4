"""Organisation and timetable from CSV and TOML: all of it, or every fault named."""
