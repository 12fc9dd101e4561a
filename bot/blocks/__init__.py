"""What people see: Block Kit built from domain values. Pure functions, one file a surface."""
