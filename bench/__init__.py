"""Measures the portal: `make bench`. Nothing here is part of the product."""
