"""The ways of oversight: how the service's promises were kept, over what an auditor or coordinator may read."""
