"""One program per classroom: devices → capture → encode → publish, and back."""
