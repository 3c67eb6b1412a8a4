"""The browser front end: `src/` is built into `dist/`, which `pages` serves."""
