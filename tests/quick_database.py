"""The embedded database as tests want it: nobody misses its last second after a power cut."""

QUICK_DATABASE = {"DEPLOYPLAN_DATABASE_OPTIONS": "fsync=off full_page_writes=off"}
