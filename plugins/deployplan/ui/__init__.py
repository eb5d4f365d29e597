"""What people see of releases at a glance: typed values, of which pages, the JSON and commands are made."""
