"""The classroom agents: where each room should be, now and for two weeks."""
