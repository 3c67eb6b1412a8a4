"""Records lessons and keeps the resource library (资源库)."""
