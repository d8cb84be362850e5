"""What those who run the portal see of it: whether it is there (readiness), what it does (measures, figures), what broke (reports)."""
