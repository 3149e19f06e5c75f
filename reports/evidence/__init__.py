"""Evidence packs: a period's clocks in one signed file that proves its figures to outsiders."""
