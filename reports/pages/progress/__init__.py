"""How far the units of a call are: rolled up the tree (tree), section by section (sections), against time (pace), and whom
to call (people). The database counts; a page holds what it shows."""
