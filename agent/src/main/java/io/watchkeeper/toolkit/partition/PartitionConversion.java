package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Plans how a plain table becomes a partitioned one. The table itself becomes the first partition, with everything up to a moment to come, so
 * that no row moves; what takes long blocks nobody, and what blocks takes a moment.
 */
public final class PartitionConversion {

    private final Database database;
    private final Clock clock;
    private final Work work;

    public PartitionConversion(Database database, Clock clock, Work work) {
        this.database = database;
        this.clock = clock;
        this.work = work;
    }

    /**
     * Plans, and changes nothing.
     *
     * @throws OperatorException when the table cannot be partitioned like that
     */
    public Conversion plan(ConversionPlan wanted) throws SQLException {
        try (Session session = database.open(work)) {
            PartitionCatalogue.pin(session);
            PlainTable table = PlainTable.read(session, TableName.parse(wanted.table()), wanted.column());
            return new Script(session, table, wanted).write();
        }
    }

    private final class Script {

        private final Session session;
        private final PlainTable table;
        private final ConversionPlan wanted;
        private final String column;
        private final TableName made;
        private final TableName old;
        private final LocalDateTime bound;
        private final List<Conversion.Step> steps = new ArrayList<>();
        private final List<String> changes = new ArrayList<>();
        private final Map<String, String> wider = new HashMap<>();

        Script(Session session, PlainTable table, ConversionPlan wanted) throws SQLException {
            this.session = session;
            this.table = table;
            this.wanted = wanted;
            this.column = Identifiers.quote(wanted.column());
            PartitionNames names = new PartitionNames(session);
            this.made = names.free(table.name(), "_partitioned");
            this.old = names.free(table.name(), "_before");
            // Nobody else's index is to be what the script removes.
            for (PlainTable.Key key : table.keys()) {
                TableName like = new TableName(table.name().schema(), key.name());
                wider.put(key.name(), names.free(like, "_with_time").name());
            }
            PartitionCalendar calendar = new PartitionCalendar(wanted.period(), wanted.zone(), table.type());
            this.bound = calendar.containing(table.type().at(clock.instant().plus(wanted.prepare()), wanted.zone()))
                    .to();
        }

        Conversion write() throws SQLException {
            if (!table.notNull()) {
                add(
                        "Says that " + column + " is never null, without looking at the rows yet",
                        alter("ADD CONSTRAINT " + constraint("_not_null") + " CHECK (" + column
                                + " IS NOT NULL) NOT VALID"),
                        LockLevel.ACCESS_EXCLUSIVE);
                add(
                        "Looks at the rows, while others read and write",
                        alter("VALIDATE CONSTRAINT " + constraint("_not_null")),
                        LockLevel.SHARE_UPDATE_EXCLUSIVE);
            }
            add(
                    "Says that no row is of " + table.type().text(bound) + " or later, without looking at the rows yet."
                            + " From then on later rows are refused, until step 'takes its place' is done",
                    alter("ADD CONSTRAINT " + constraint("_until") + " CHECK (" + column + " < " + literal()
                            + ") NOT VALID"),
                    LockLevel.ACCESS_EXCLUSIVE);
            add(
                    "Looks at the rows, while others read and write",
                    alter("VALIDATE CONSTRAINT " + constraint("_until")),
                    LockLevel.SHARE_UPDATE_EXCLUSIVE);
            for (PlainTable.Key key : table.keys()) {
                if (!key.columns().contains(wanted.column())) {
                    add(
                            "Removes what the next step has left, where that was not done",
                            "DROP INDEX CONCURRENTLY IF EXISTS "
                                    + new TableName(table.name().schema(), wider(key)).quoted(),
                            LockLevel.SHARE_UPDATE_EXCLUSIVE);
                    add(
                            "Makes what " + key.name() + " becomes, while others read and write",
                            "CREATE UNIQUE INDEX CONCURRENTLY " + index(key) + " ON "
                                    + table.name().quoted() + " (" + columns(key) + ")",
                            LockLevel.SHARE_UPDATE_EXCLUSIVE);
                    changes.add(key.name() + " (" + Identifiers.quoteAll(key.columns()) + ") becomes (" + columns(key)
                            + "): PostgreSQL asks for the partitioning column in every unique key, so that "
                            + Identifiers.quoteAll(key.columns()) + " alone may come twice");
                }
            }
            add(
                    "Takes its place: a moment, in which nobody reads or writes",
                    String.join(";\n", takeover()),
                    LockLevel.ACCESS_EXCLUSIVE);
            add("Has the planner know it", "ANALYZE " + table.name().quoted(), LockLevel.SHARE_UPDATE_EXCLUSIVE);
            changes.add("everything up to " + table.type().text(bound) + " is one partition, " + old
                    + "; it leaves the table as a whole when that is too old");
            changes.add("views, functions and rules that name the table mean " + old
                    + " afterwards, as PostgreSQL keeps them by" + " identity; make them again");
            if (table.identity() == PlainTable.ReplicaIdentity.INDEX) {
                changes.add("an index is the replica identity of " + table.name() + ", and stays that of " + old
                        + "; the table and its new partitions have REPLICA IDENTITY FULL");
            }
            return new Conversion(table.name(), steps, before(), changes);
        }

        private Instant before() {
            return table.type() == KeyType.TIMESTAMPTZ
                    ? bound.toInstant(ZoneOffset.UTC)
                    : bound.atZone(wanted.zone()).toInstant();
        }

        private List<String> takeover() throws SQLException {
            List<String> sql = new ArrayList<>();
            sql.add("LOCK TABLE " + table.name().quoted() + " IN ACCESS EXCLUSIVE MODE");
            if (!table.notNull()) {
                sql.add(alter("ALTER COLUMN " + column + " SET NOT NULL"));
                sql.add(alter("DROP CONSTRAINT " + constraint("_not_null")));
            }
            for (PlainTable.Key key : table.keys()) {
                if (!key.columns().contains(wanted.column())) {
                    sql.add(alter("DROP CONSTRAINT " + Identifiers.quote(key.name())));
                    sql.add(alter("ADD CONSTRAINT " + Identifiers.quote(key.name())
                            + (key.primary() ? " PRIMARY KEY" : " UNIQUE") + " USING INDEX " + index(key)));
                    if (key.identifies()) {
                        // The index has gone with the constraint, and the new one has its name.
                        sql.add(alter("REPLICA IDENTITY USING INDEX " + Identifiers.quote(key.name())));
                    }
                }
            }
            sql.add("CREATE TABLE " + made.quoted() + " (LIKE " + table.name().quoted()
                    + " INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING STATISTICS"
                    + " INCLUDING COMMENTS) PARTITION BY RANGE (" + column + ")");
            sql.add("ALTER TABLE " + made.quoted() + " OWNER TO " + Identifiers.quote(table.owner()));
            for (PlainTable.Key key : table.keys()) {
                sql.add("ALTER TABLE " + made.quoted() + " ADD " + (key.primary() ? "PRIMARY KEY" : "UNIQUE") + " ("
                        + columns(key) + ")");
            }
            identify(sql, made);
            sql.addAll(table.rest(session, made));
            sql.addAll(table.identities(session, made));
            sql.add("ALTER TABLE " + table.name().quoted() + " RENAME TO " + Identifiers.quote(old.name()));
            sql.add("ALTER TABLE " + made.quoted() + " RENAME TO "
                    + Identifiers.quote(table.name().name()));
            sql.addAll(table.handOver(session, old));
            sql.add("ALTER TABLE " + table.name().quoted() + " ATTACH PARTITION " + old.quoted()
                    + " FOR VALUES FROM (MINVALUE) TO (" + literal() + ")");
            sql.add("ALTER TABLE " + old.quoted() + " DROP CONSTRAINT " + constraint("_until"));
            PartitionCalendar calendar = new PartitionCalendar(wanted.period(), wanted.zone(), table.type());
            Span next = calendar.containing(bound);
            TableName first = new PartitionNames(session).free(table.name(), "_" + calendar.suffix(bound));
            sql.add("CREATE TABLE " + first.quoted() + " PARTITION OF "
                    + table.name().quoted() + " FOR VALUES FROM (" + literal() + ") TO ("
                    + table.type().literal(next.to()) + ")");
            identify(sql, first);
            return sql;
        }

        /** PostgreSQL gives a replica identity to no partition, and without one published rows cannot be changed. */
        private void identify(List<String> sql, TableName other) {
            if (table.identity() != PlainTable.ReplicaIdentity.DEFAULT) {
                sql.add("ALTER TABLE " + other.quoted() + " REPLICA IDENTITY "
                        + (table.identity() == PlainTable.ReplicaIdentity.NOTHING ? "NOTHING" : "FULL"));
            }
        }

        private String alter(String what) {
            return "ALTER TABLE " + table.name().quoted() + " " + what;
        }

        private String literal() {
            return table.type().literal(bound);
        }

        private String constraint(String suffix) {
            return Identifiers.quote(
                    PartitionNames.joined("watchkeeper_" + table.name().name(), suffix));
        }

        private String index(PlainTable.Key key) {
            return Identifiers.quote(wider(key));
        }

        private String wider(PlainTable.Key key) {
            return Objects.requireNonNull(wider.get(key.name()));
        }

        private String columns(PlainTable.Key key) {
            List<String> all = new ArrayList<>(key.columns());
            if (!all.contains(wanted.column())) {
                all.add(wanted.column());
            }
            return Identifiers.quoteAll(all);
        }

        private void add(String what, String sql, LockLevel lock) {
            steps.add(new Conversion.Step(what, sql, lock));
        }
    }

    /** Says that a table is there, and plain, or why not. */
    static void requireThere(Session session, TableName table) throws SQLException {
        TablePattern.resolve(session, List.of(table.quoted()), List.of());
    }
}
