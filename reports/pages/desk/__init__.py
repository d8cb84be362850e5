"""The desk: what waits for somebody, by role, in the order of its deadlines. Reads only; each part asks a fixed number of
questions, however many rows there are."""
