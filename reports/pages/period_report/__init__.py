"""The report of a period: what its results say, as a paper and as a workbook, for hundreds of units."""
