"""What people enter: the district, its bells, its calendar, its courses."""
