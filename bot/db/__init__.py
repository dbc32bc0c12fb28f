"""SQLite (embedded default) or PostgreSQL: tables, repositories, unit of work, migrations."""
