"""One plan and the clock: may it start, for which opening, how long will it take?"""
