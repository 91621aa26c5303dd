package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statements of a copy, as text. */
public final class CopySql {

    private CopySql() {}

    /** Both servers must print and read values the same way. The time zone is this process's on both. */
    public static String pinnedSettings(boolean nameObjectsFully) {
        return """
                select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
                       set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true),
                       set_config('lc_monetary', 'C', true), set_config('xmloption', 'content', true),
                       set_config('quote_all_identifiers', 'off', true), set_config('row_security', 'off', true),
                       set_config('idle_in_transaction_session_timeout', '0', true)""" + (nameObjectsFully ? ", set_config('search_path', 'pg_catalog', true)" : "");
    }

    /**
     * A server whose rows are not taken for a while, because the other server or a rate limit holds them up, must not take that for
     * a dead link: its user timeout counts such waiting, too.
     */
    public static String unhurriedReader() {
        return "select set_config('tcp_user_timeout', '0', true)";
    }

    /** Triggers and foreign keys of the targets stay silent in this transaction, as far as the role may say so. */
    public static List<String> silence(List<PreparedCopy> copies) {
        List<String> statements = new ArrayList<>();
        statements.add(
                copies.get(0).silent()
                        ? "select set_config('session_replication_role', 'replica', true)"
                        : "SET CONSTRAINTS ALL DEFERRED");
        for (PreparedCopy copy : copies) {
            copy.triggersToDisable().forEach(trigger -> statements.add(disable(copy.target(), trigger)));
        }
        return statements;
    }

    /** The end of what {@link #silence} began, where that does not end with the transaction; may be empty. */
    public static List<String> endSilence(PreparedCopy copy) {
        if (copy.triggersToDisable().isEmpty()) {
            return List.of();
        }
        // A table with checks still to come cannot be altered.
        List<String> statements = new ArrayList<>(List.of("SET CONSTRAINTS ALL IMMEDIATE"));
        copy.triggersToDisable().forEach(trigger -> statements.add(enable(copy.target(), trigger)));
        return statements;
    }

    public static String lockSource(List<TableShape> tables) {
        return "LOCK TABLE " + tables.stream().map(TableShape::quotedAlone).collect(Collectors.joining(", "))
                + " IN ACCESS SHARE MODE";
    }

    public static String copyOut(PreparedCopy copy, TableName relation) {
        return copyOut(copy, relation, null);
    }

    /** @param condition on the rows, beside the plan's own; null for none */
    public static String copyOut(PreparedCopy copy, TableName relation, @Nullable String condition) {
        return "COPY (" + select(copy, relation, condition) + ") TO STDOUT (FORMAT " + copy.format() + ")";
    }

    /** @param beside an SQL expression that comes last in each row */
    public static String copyOut(
            PreparedCopy copy, TableName relation, @Nullable String condition, @Nullable String beside) {
        String columns = Identifiers.quoteAll(copy.columnNames());
        return beside == null
                ? copyOut(copy, relation, condition)
                : "COPY (SELECT " + columns + ", " + beside + " FROM ONLY " + relation.quoted() + where(copy, condition)
                        + ") TO STDOUT (FORMAT " + copy.format() + ")";
    }

    public static String select(PreparedCopy copy, TableName relation) {
        return select(copy, relation, null);
    }

    private static String select(PreparedCopy copy, TableName relation, @Nullable String condition) {
        String columns = copy.columns().isEmpty() ? "" : Identifiers.quoteAll(copy.columnNames()) + " ";
        return "SELECT " + columns + "FROM ONLY " + relation.quoted() + where(copy, condition);
    }

    /**
     * Rows of a table that this transaction emptied are written as if they had been there for ever: nothing has to be marked,
     * vacuumed or looked up for them later. Who reads with an older snapshot sees them instead of an empty table.
     */
    public static String copyIn(PreparedCopy copy) {
        return copyIn(copy, copy.target().name(), copy.isFilledAnew());
    }

    public static String copyIn(PreparedCopy copy, TableName into, boolean freeze) {
        // A list cannot be empty; without one, all columns are meant, and a table that gets none has none.
        String columns = copy.columns().isEmpty() ? "" : " (" + Identifiers.quoteAll(copy.columnNames()) + ")";
        return "COPY " + into.quoted() + columns + " FROM STDIN (FORMAT " + copy.format() + (freeze ? ", FREEZE" : "")
                + ")";
    }

    /** What makes room for the rows: empty for append, else locks included. */
    public static List<String> empty(List<PreparedCopy> copies) {
        List<String> statements = new ArrayList<>();
        List<PreparedCopy> truncated = copies.stream()
                .filter(c -> c.emptying() == PreparedCopy.Emptying.TRUNCATE)
                .toList();
        if (!truncated.isEmpty()) {
            statements.add("TRUNCATE "
                    + truncated.stream().map(c -> c.target().quotedAlone()).collect(Collectors.joining(", ")));
        }
        for (PreparedCopy copy : copies) {
            if (copy.emptying() == PreparedCopy.Emptying.DELETE) {
                statements.add("LOCK TABLE " + copy.target().quotedAlone() + " IN SHARE ROW EXCLUSIVE MODE");
                statements.add("DELETE FROM " + copy.target().quotedAlone());
            }
        }
        return statements;
    }

    /** Count and checksum of what is copied, over all relations it is read from. */
    public static String sourceDigest(PreparedCopy copy) {
        return sourceDigest(copy, copy.sourceRelations(), null);
    }

    /** @param condition on the rows, beside the plan's own; null for none */
    public static String sourceDigest(PreparedCopy copy, List<TableName> relations, @Nullable String condition) {
        return digest(
                copy,
                relations.stream().map(relation -> "ONLY " + relation.quoted()).toList(),
                condition);
    }

    /** The same over what else shows these rows. */
    public static String digest(PreparedCopy copy, List<String> fromItems, @Nullable String condition) {
        String hash = hash(copy, CopiedColumn::sourceText);
        return fromItems.stream()
                .map(from -> "SELECT count(*) AS n, sum(" + hash + ") AS h FROM " + from + where(copy, condition))
                .collect(Collectors.joining(
                        " UNION ALL ", "SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(h), 0) FROM (", ") d"));
    }

    /** Count and checksum of the target's rows; of an append, of the rows this transaction added. */
    public static String targetDigest(PreparedCopy copy) {
        boolean added = copy.emptying() == PreparedCopy.Emptying.NONE;
        return targetDigest(copy, added ? "xmin = pg_current_xact_id()::xid" : "true");
    }

    /** Count and checksum of those of the target's rows that the condition holds for. */
    public static String targetDigest(PreparedCopy copy, String condition) {
        return digestOf(copy, copy.target().quotedAlone() + " WHERE " + condition);
    }

    /** Count and checksum of all rows of the target, or of a table that stands in for it. */
    public static String targetDigest(PreparedCopy copy, TableName filled) {
        return digestOf(copy, (copy.target().isPartitioned() ? "" : "ONLY ") + filled.quoted());
    }

    private static String digestOf(PreparedCopy copy, String rows) {
        return "SELECT count(*), coalesce(sum(" + hash(copy, CopiedColumn::targetText) + "), 0) FROM " + rows;
    }

    private static String hash(PreparedCopy copy, Function<CopiedColumn, String> text) {
        return rowHash(copy, copy.columns(), text);
    }

    /** A {@link RowHash} of the columns. */
    public static String rowHash(PreparedCopy copy, List<CopiedColumn> columns, Function<CopiedColumn, String> text) {
        List<RowHash.Value> values = columns.stream()
                .map(column -> new RowHash.Value(text.apply(column), RowHash.isPlain(column.from(), column.to())))
                .toList();
        return RowHash.of(values, copy.sameEncoding(), 0);
    }

    /** As {@link #rowHash} over a key, faster where it is one whole number. */
    public static String keyHash(PreparedCopy copy, List<CopiedColumn> key, Function<CopiedColumn, String> text) {
        if (key.size() == 1
                && isWholeNumber(key.get(0).from())
                && isWholeNumber(key.get(0).to())) {
            return "hashint8extended(" + Identifiers.quote(key.get(0).name()) + "::bigint, 0)";
        }
        return rowHash(copy, key, text);
    }

    private static boolean isWholeNumber(ColumnType type) {
        return type.builtIn() && List.of("int2", "int4", "int8").contains(type.name());
    }

    /** The plan's condition and another one; either may be missing. */
    public static String where(PreparedCopy copy, @Nullable String condition) {
        List<String> conditions = new ArrayList<>();
        if (copy.plan().options().where() != null) {
            // On a line of its own, so that a comment in the condition ends with it.
            conditions.add("(" + copy.plan().options().where() + "\n)");
        }
        if (condition != null) {
            conditions.add(condition);
        }
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    public static String advance(TableShape target, TableShape.Sequence sequence) {
        String name = Identifiers.quoteLiteral(sequence.name().quoted()) + "::regclass";
        String furthest = sequence.ascending() ? "max" : "min";
        String beyond = sequence.ascending() ? ">" : "<";
        return "SELECT setval(" + name + ", x.v) FROM pg_sequence s, (SELECT " + furthest + "("
                + Identifiers.quote(sequence.column()) + ")::bigint AS v FROM "
                + target.name().quoted() + ") x"
                + " WHERE s.seqrelid = " + name + " AND x.v BETWEEN s.seqmin AND s.seqmax"
                + " AND (pg_sequence_last_value(" + name + ") IS NULL OR x.v " + beyond + " pg_sequence_last_value("
                + name
                + "))";
    }

    public static String disable(TableShape target, TableShape.Trigger trigger) {
        return "ALTER TABLE " + target.quotedAlone() + " DISABLE TRIGGER " + Identifiers.quote(trigger.name());
    }

    public static String enable(TableShape target, TableShape.Trigger trigger) {
        String how = trigger.enabled().equals("A") ? " ENABLE ALWAYS TRIGGER " : " ENABLE TRIGGER ";
        return "ALTER TABLE " + target.quotedAlone() + how + Identifiers.quote(trigger.name());
    }

    /** How many rows refer to rows that are not there. */
    public static String orphans(TableShape.ForeignKey key) {
        String all = key.columns().stream()
                .map(c -> "c." + Identifiers.quote(c) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < key.columns().size(); i++) {
            equal.add("p." + Identifiers.quote(key.referenced().get(i)) + " = c."
                    + Identifiers.quote(key.columns().get(i)));
        }
        return "SELECT count(*) FROM " + (key.fromPartitioned() ? "" : "ONLY ")
                + key.from().quoted() + " c WHERE " + all
                + " AND NOT EXISTS (SELECT FROM " + (key.toPartitioned() ? "" : "ONLY ")
                + key.to().quoted() + " p WHERE "
                + String.join(" AND ", equal) + ")";
    }
}
