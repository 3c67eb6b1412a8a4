"""What people entered that cannot all be true, as sentences; and what they should
know although it can. Pure, and fast enough to run at every change."""

from scheduler.contradictions.cautions import cautions
from scheduler.contradictions.found import contradictions

__all__ = ["cautions", "contradictions"]
