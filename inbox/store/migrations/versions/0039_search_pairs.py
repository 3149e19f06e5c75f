"""PostgreSQL finds pairs of Han characters by the index, not by every text that has both."""

from alembic import op

revision = "0039"
down_revision = "0038"

TABLES = ("message_search", "note_search")
FUNCTION = """
CREATE FUNCTION search_lexemes(said text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(said) = length(said)
    THEN array_to_tsvector(string_to_array(btrim(said), ' '))
    ELSE (
      SELECT array_to_tsvector(array_agg(lexeme))
      FROM (
        SELECT one, lead(one) OVER (ORDER BY place) AS next
        FROM unnest(string_to_array(btrim(said), ' ')) WITH ORDINALITY AS words(one, place)
      ) AS pairs,
      LATERAL (VALUES (one), (CASE
        WHEN length(one) = 1 AND octet_length(one) > 1
          AND length(next) = 1 AND octet_length(next) > 1 THEN one || next
      END)) AS found(lexeme)
      WHERE lexeme IS NOT NULL
    ) END
$$
"""
BEFORE = "array_to_tsvector(string_to_array(btrim(search_text), ' '))"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        _index("search_lexemes(search_text)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _index(BEFORE)
        op.execute("DROP FUNCTION search_lexemes")


def _index(lexemes: str) -> None:
    for table in TABLES:
        op.execute(f"DROP INDEX ix_{table}_words")
        op.execute(
            f"CREATE INDEX ix_{table}_words ON {table} USING gin (({lexemes}))"
            " WITH (gin_pending_list_limit = 512)"
        )
