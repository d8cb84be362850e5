"""A report as a workbook: written for filling in elsewhere, and what one that came back would change."""
