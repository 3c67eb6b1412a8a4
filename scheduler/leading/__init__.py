"""One leader among several schedulers, and a clock that can be believed."""
