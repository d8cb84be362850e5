"""Whom the portal asks about people: the provider of single sign-on."""
