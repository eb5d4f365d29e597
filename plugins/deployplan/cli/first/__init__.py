"""The first documents of somebody who has none: texts, of answers, scripts, services and inventories."""
