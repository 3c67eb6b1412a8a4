"""What people see and order over HTTP: today, lessons, sessions, rooms, signing in."""
