"""The database: engine, table base, migrations. Knows nothing of the features that own tables."""
