package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Indexes that a {@code CREATE INDEX CONCURRENTLY} has left behind unfinished, which only cost and keep the name. */
final class LeftIndexes {

    private LeftIndexes() {}

    /** The index that a script of one statement builds beside the work of others; empty when it does something else. */
    static Optional<TableName> built(ScriptReader.Script script) {
        for (ScriptStatement statement : script.statements()) {
            Words words = new Words(statement.tokens());
            if (!words.accept("create")) {
                continue;
            }
            words.accept("unique");
            if (words.accept("index", "concurrently")) {
                words.accept("if", "not", "exists");
                String name = words.sees("on") ? "" : words.name();
                words.accept("on");
                TableName table = words.table();
                if (!name.isEmpty() && table != null) {
                    return Optional.of(new TableName(table.schema(), name));
                }
            }
        }
        return Optional.empty();
    }

    /** The index that a script drops beside the work of others; empty when it does something else. */
    private static Optional<TableName> dropped(ScriptReader.Script script) {
        for (ScriptStatement statement : script.statements()) {
            Words words = new Words(statement.tokens());
            if (words.accept("drop", "index", "concurrently")) {
                words.accept("if", "exists");
                return Optional.ofNullable(words.table());
            }
        }
        return Optional.empty();
    }

    /** Whether a script that builds or drops an index beside the work of others got through; empty when it does something else. */
    static Optional<Boolean> isDone(Session session, ScriptReader.Script script) throws SQLException {
        Optional<TableName> built = built(script);
        Optional<TableName> dropped = dropped(script);
        if (built.isPresent()) {
            return Optional.of(is(session, built.get(), "i.indisvalid"));
        }
        return dropped.isPresent() ? isGone(session, dropped.get()) : Optional.empty();
    }

    /** Empty when it cannot be told: a name without a schema may have meant an index of another one. */
    private static Optional<Boolean> isGone(Session session, TableName index) throws SQLException {
        boolean isUnclear = index.schema().equals("public")
                && session.one(
                        "select current_schemas(false) <> array['public']::name[] or exists (select from pg_class c"
                                + " join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('i', 'I')"
                                + " and c.relname = ? and n.nspname <> 'public')",
                        row -> row.getBoolean(1),
                        index.name());
        return isUnclear ? Optional.empty() : Optional.of(!is(session, index, "true"));
    }

    private static boolean is(Session session, TableName index, String condition) throws SQLException {
        return session.one(
                "select exists (select from pg_index i join pg_class c on c.oid = i.indexrelid"
                        + " join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ? and "
                        + condition
                        + ")",
                row -> row.getBoolean(1),
                index.schema(),
                index.name());
    }

    /** Drops it where it is invalid and nobody is building it. @return whether it was there */
    static boolean drop(Session session, TableName index) throws SQLException {
        List<Boolean> left = session.list("""
                select true from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = ? and c.relname = ? and not i.indisvalid and c.relkind = 'i'
                   and not exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid)""", row -> row.getBoolean(1), index.schema(), index.name());
        if (!left.isEmpty()) {
            session.runVerbatim("DROP INDEX CONCURRENTLY IF EXISTS " + index.quoted());
        }
        return !left.isEmpty();
    }
}
