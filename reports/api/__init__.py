"""`/api/v1/`: what programs ask and do, under the same rules and verbs as the pages (docs/adr/0024)."""
