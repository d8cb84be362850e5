"""The shape of input: what was typed, read and refused field by field. No rule, no write."""
