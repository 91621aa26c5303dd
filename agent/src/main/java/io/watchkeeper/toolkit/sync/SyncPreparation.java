package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyPreparation;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.toolkit.copy.MergeBy;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import io.watchkeeper.toolkit.copy.ServerPair;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds a plan against both catalogues, so that whatever can be refused is refused before anything is touched. */
final class SyncPreparation {

    /** A scan is worth avoiding from here on. */
    private static final Bytes LONG_SCAN = new Bytes(10L << 30);

    /** About what one process reads from a disk that is not a bad one. */
    private static final double BYTES_PER_SECOND = 300e6;

    private final SyncPlan plan;
    private final Session from;
    private final Session to;
    private final ServerPair servers;

    private SyncPreparation(SyncPlan plan, Session from, Session to, ServerPair servers) {
        this.plan = plan;
        this.from = from;
        this.to = to;
        this.servers = servers;
    }

    /** Whether the target has nothing to tell rows apart by, and none was named. */
    static boolean hasNoKey(SyncPlan plan, TableShape target) {
        return plan.options().key().isEmpty() && target.primaryKey().isEmpty();
    }

    static boolean isEmpty(Session target, TableName table) throws SQLException {
        return target.oneVerbatim("SELECT NOT EXISTS (SELECT FROM " + table.quoted() + ")", row -> row.getBoolean(1));
    }

    /** @throws OperatorException when the plan does not fit */
    static PreparedSync prepare(
            SyncPlan plan, Session from, Session to, ServerPair servers, TableShape here, TableShape there)
            throws SQLException {
        return new SyncPreparation(plan, from, to, servers).prepare(here, there);
    }

    private PreparedSync prepare(TableShape here, TableShape there) throws SQLException {
        SyncOptions options = plan.options();
        requireKey(here, there);
        CopyOptions merge = CopyOptions.DEFAULT
                .withStrategy(CopyStrategy.MERGE)
                .withMergeBy(new MergeBy(options.key(), false))
                .withColumns(options.columns())
                .withWhere(options.where())
                .withPace(options.pace().withWorkers(null).withBatch(null))
                .withVerify(options.verify() || options.mode() == SyncMode.FULL);
        CopyPlan copyPlan = new CopyPlan(plan.from(), plan.to(), merge);
        SourceXmin.Use xmin = SourceXmin.use(plan, here, there, to);
        TableShape copied = xmin == SourceXmin.Use.NONE ? there : there.without(SourceXmin.COLUMN);
        PreparedCopy copy = new CopyPreparation(copyPlan, here, copied, from.database(), to.database(), servers)
                .prepare(Set.of(copied))
                .withTarget(there);
        requireRights(copy);
        if (xmin == SourceXmin.Use.KEPT && !there.may("UPDATE")) {
            throw lacks("UPDATE", there, "sourceXmin false");
        }
        String type = watermarkType(here);
        Choice choice = choose(here, type);
        return new PreparedSync(
                        plan,
                        copy,
                        choice.mode,
                        choice.reason,
                        type,
                        servers.source().isStandby(),
                        xmin)
                .noting(unseenTransactions(choice.mode, servers));
    }

    private void requireKey(TableShape here, TableShape there) {
        if (hasNoKey(plan, there) && there.kind().holdsRows() && here.kind().holdsRows()) {
            throw new OperatorException(
                    there.name() + " in database '" + to.database().name()
                            + "' has no primary key, and a round must tell rows apart",
                    "give it one, or name columns that are different in every row: key 'column'; or use mode full, which then"
                            + " copies the whole table each time.");
        }
    }

    /** What a merge alone does not need. */
    private void requireRights(PreparedCopy copy) {
        TableShape target = copy.target();
        if (!plan.options().deletes()) {
            return;
        }
        if (!target.may("DELETE")) {
            throw lacks("DELETE", target, "deletes false");
        }
        List<String> cascading = target.referencedBy().stream()
                .filter(key -> !List.of("a", "r").contains(key.onDelete()))
                .map(key -> key.from().toString())
                .distinct()
                .toList();
        if (!copy.silent() && !cascading.isEmpty()) {
            throw new OperatorException(
                    "deleting rows of " + target.name() + " in database '"
                            + to.database().name()
                            + "' would change rows of " + String.join(", ", cascading)
                            + ", whose foreign keys cascade, and role '"
                            + to.database().settings().user() + "' may not keep them silent",
                    "from PostgreSQL 15 on: GRANT SET ON PARAMETER session_replication_role TO "
                            + Identifiers.quote(to.database().settings().user()) + "; or deletes false.");
        }
    }

    private OperatorException lacks(String right, TableShape target, String otherwise) {
        String role = to.database().settings().user();
        return new OperatorException(
                "role '" + role + "' lacks " + right + " on " + target.name() + " in database '"
                        + to.database().name() + "'",
                "GRANT " + right + " ON " + target.name().quoted() + " TO " + Identifiers.quote(role) + "; or "
                        + otherwise + ".");
    }

    /** What an operator should know of a mode that goes by a watermark. */
    private List<String> unseenTransactions(SyncMode mode, ServerPair both) throws SQLException {
        boolean byWatermark = mode == SyncMode.TIMESTAMP || mode == SyncMode.HYBRID;
        if (!byWatermark
                || both.source().isStandby()
                || from.oneVerbatim("SELECT pg_has_role('pg_read_all_stats', 'usage')", row -> row.getBoolean(1))) {
            return List.of();
        }
        return List.of("role '" + from.database().settings().user()
                + "' does not see how long transactions of other roles run, and only overlap covers them: GRANT"
                + " pg_read_all_stats TO "
                + Identifiers.quote(from.database().settings().user()));
    }

    private String watermarkType(TableShape here) {
        String name = plan.options().watermark();
        boolean needed =
                plan.options().mode() == SyncMode.TIMESTAMP || plan.options().mode() == SyncMode.HYBRID;
        if (name == null) {
            if (needed) {
                throw new OperatorException(
                        "mode " + plan.options().mode() + " needs a column that every change moves forward",
                        "name it: watermark 'updated_at'; or use mode xmin, which needs none.");
            }
            return "";
        }
        TableShape.Column column = here.column(name)
                .orElseThrow(() -> new OperatorException(
                        here.name() + " in database '" + from.database().name() + "' has no column "
                                + Identifiers.quote(name) + " to be the watermark",
                        Suggestion.didYouMean(
                                        name,
                                        here.columns().stream()
                                                .map(TableShape.Column::name)
                                                .toList())
                                + "It is a column that every change moves forward, such as updated_at."));
        String type = column.type().withoutDomains().name();
        if (!List.of("timestamptz", "timestamp", "date").contains(type)) {
            throw new OperatorException(
                    "watermark " + Identifiers.quote(name) + " of " + here.name() + " is " + column.type()
                            + ", and a watermark is a point in time",
                    "name a column of type timestamptz, timestamp or date; or use mode xmin, which needs none.");
        }
        return type;
    }

    private record Choice(SyncMode mode, String reason) {}

    private Choice choose(TableShape here, String watermarkType) throws SQLException {
        SyncMode asked = plan.options().mode();
        if (asked != SyncMode.AUTO) {
            return new Choice(asked, "asked for");
        }
        Bytes size = new Bytes(Math.max(0, here.estimatedBytes()));
        Duration scan = Duration.ofMillis(Math.round(size.count() * 1000 / BYTES_PER_SECOND));
        boolean isLong = size.compareTo(LONG_SCAN) > 0;
        String scanned = "a scan of its " + size + " takes "
                + (scan.toSeconds() < 1 ? "less than a second" : "about " + DurationText.say(scan));
        if (!isLong) {
            return new Choice(SyncMode.XMIN, scanned);
        }
        if (watermarkType.isEmpty()) {
            return new Choice(SyncMode.XMIN, scanned + ", and there is no watermark to go by");
        }
        return watermarkIndex(here).isPresent()
                ? new Choice(
                        SyncMode.HYBRID, scanned + ", and " + plan.options().watermark() + " has an index")
                : new Choice(
                        SyncMode.XMIN,
                        scanned + ", and no index begins with " + plan.options().watermark());
    }

    private Optional<String> watermarkIndex(TableShape here) throws SQLException {
        @Nullable String watermark = plan.options().watermark();
        return from.list("""
                        select i.indexrelid::regclass::text from pg_index i
                          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                         where i.indrelid = to_regclass(?) and i.indisvalid and i.indpred is null and a.attname = ? limit 1""", row -> row.getString(1), here.name().quoted(), watermark).stream()
                .findFirst();
    }
}
