"""Alembic's entry: runs the migrations on the connection that `assistant.catalog.database` hands over.

That connection is already inside the transaction that holds the write lock, so Alembic opens none of its own.
"""

from alembic import context

from assistant.catalog.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
