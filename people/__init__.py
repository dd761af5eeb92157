"""Who works here: roles, and what each may do."""
