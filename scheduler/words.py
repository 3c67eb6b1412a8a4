"""What is said to people is said in two languages."""

from typing import NamedTuple


class Words(NamedTuple):
    zh: str
    en: str
