"""Reports with their answers and results as files for other programs: CSV, XLSX, JSON lines."""
