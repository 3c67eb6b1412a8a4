"""A term: what each day runs, which times are taken, its dated lessons."""
