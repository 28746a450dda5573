"""Articles with versions, chunks, items, the change log and settings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "versions",
        _article(primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text()),
        sa.Column("day", sa.Integer()),
        sa.Column("date_origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.Text(), nullable=False),
        sa.Column("outlet_folded", sa.Text(), nullable=False),
        sa.Column("title_folded", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "chunks",
        sa.Column("id", sa.Text(), primary_key=True),
        _article(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
    )
    op.create_index("chunks_by_article", "chunks", ["article_id", "ordinal"])
    op.create_table(
        "items",
        sa.Column("origin", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        _article(primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
    )
    op.create_index("items_by_key", "items", ["key"])
    op.create_index("items_by_article", "items", ["article_id"])
    op.create_table(
        "changes",
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    for table in ("meta", "changes", "items", "chunks", "versions", "articles"):
        op.drop_table(table)


def _article(*, primary_key: bool = False) -> sa.Column[str]:
    reference = sa.ForeignKey("articles.id", ondelete="CASCADE")
    return sa.Column("article_id", sa.Text(), reference, primary_key=primary_key, nullable=False)
