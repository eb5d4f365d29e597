"""Is this plan sensible, and does it meet the release controls?"""
