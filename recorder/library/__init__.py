"""The resource library: catalogue, search, playback, download."""
