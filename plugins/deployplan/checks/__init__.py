"""Checks: questions to production, and answers that are pass, fail or unknown."""
