package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Lets the sequences of a new form go on where those of the old one are, so that no number is given out twice. */
record SequenceHandover(Session session, List<TwinTable> twins, Tenancy to) {

    private static final Set<String> NUMBERS = Set.of("smallint", "integer", "bigint");

    /** A sequence from which a column gets its values. @param cache its setting */
    private record Source(TableName name, long increment, long cache) {}

    private static Optional<Source> of(Session session, TenantTable table, String column) throws SQLException {
        return session
                .list(
                        """
                        select n.nspname, s.relname, q.seqincrement, q.seqcache
                          from pg_attribute a
                          join lateral (
                            select d.objid as oid from pg_depend d where d.classid = 'pg_class'::regclass and d.deptype = 'i'
                               and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
                            union select d.refobjid from pg_attrdef f join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
                               and d.refclassid = 'pg_class'::regclass where f.adrelid = a.attrelid and f.adnum = a.attnum) o on true
                          join pg_class s on s.oid = o.oid and s.relkind = 'S' join pg_sequence q on q.seqrelid = s.oid
                          join pg_namespace n on n.oid = s.relnamespace
                         where a.attrelid = ?::oid and a.attname = ? and not a.attisdropped order by 1, 2 limit 1""",
                        row -> new Source(
                                new TableName(row.getString(1), row.getString(2)), row.getLong(3), row.getLong(4)),
                        table.oid(),
                        column)
                .stream()
                .findFirst();
    }

    /** What cannot be handed over, in sentences. */
    static List<String> problems(Session session, TwinTable twin) throws SQLException {
        List<String> problems = new ArrayList<>();
        for (TenantTable.TableColumn column : twin.shared().own()) {
            Optional<Source> shared = of(session, twin.shared(), column.name());
            Optional<Source> own = of(session, twin.own(), column.name());
            for (Optional<Source> one : List.of(shared, own)) {
                if (one.isPresent() && one.get().increment() < 0) {
                    problems.add("the sequence " + one.get().name() + " counts down");
                }
            }
        }
        return problems;
    }

    /** Does it; what has gone on already stays. */
    void run(TenantPace pace) throws SQLException {
        for (TwinTable twin : twins) {
            TenantTable target = to == Tenancy.SCHEMA ? twin.own() : twin.shared();
            TenantTable source = to == Tenancy.SCHEMA ? twin.shared() : twin.own();
            for (TenantTable.TableColumn column : target.own()) {
                Optional<Source> young = of(session, target, column.name());
                if (young.isPresent()) {
                    pace.batch(() -> advance(source, column.name(), young.get()));
                }
            }
        }
    }

    private boolean advance(TenantTable source, String column, Source sequence) throws SQLException {
        Optional<Source> old = of(session, source, column);
        boolean number = NUMBERS.contains(source.column(column).type());
        long needed = !number
                ? 0
                : session.oneVerbatim(
                        "select coalesce(max(" + Identifiers.quote(column) + ")::bigint, 0) from "
                                + source.name().quoted() + " t where " + source.mine("t"),
                        row -> row.getLong(1));
        if (old.isPresent()) {
            needed = Math.max(needed, last(old.get()));
        }
        if (needed <= last(sequence)) {
            return false;
        }
        // Setting its own cache again keeps others from counting until the transaction ends: else the number that is
        // set could be lower
        // than one that somebody got a moment ago.
        session.runVerbatim("ALTER SEQUENCE " + sequence.name().quoted() + " CACHE " + sequence.cache());
        if (needed <= last(sequence)) {
            return false;
        }
        try {
            session.query("select setval(?::regclass, ?)", sequence.name().quoted(), needed);
        } catch (SQLException e) {
            throw new OperatorException(
                    "the sequence " + sequence.name() + " cannot go on from " + needed + ": " + e.getMessage(),
                    "give the column and its sequence a type that holds more: ALTER SEQUENCE … AS bigint.",
                    e);
        }
        return true;
    }

    /** The highest number given out; 0 for none. */
    private long last(Source sequence) throws SQLException {
        return session.oneVerbatim(
                "select case when is_called then last_value else 0 end from "
                        + sequence.name().quoted(),
                row -> row.getLong(1));
    }
}
