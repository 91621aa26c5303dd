package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many queries of a standby were cancelled because replay could not wait for them, and how many changes a subscription could not apply, since
 * an earlier look. At the first look they are noted and not judged: the server does not say when they were.
 *
 * @param warn so many, of one kind
 * @param within since the oldest look of this time
 */
public record ReplicationConflictCheck(long warn, long fail, Duration within) implements Check {

    public static final ReplicationConflictCheck USUAL = new ReplicationConflictCheck(1, 100, Duration.ofHours(24));

    private static final String CONFLICTS = """
            select pg_is_in_recovery() as standby, 'conflict' as source, k.kind, d.datname::text as name, k.number
              from pg_stat_database_conflicts d
              cross join lateral (values ('snapshot', confl_snapshot), ('lock', confl_lock), ('bufferPin', confl_bufferpin),
                                         ('deadlock', confl_deadlock), ('tablespace', confl_tablespace)%s) as k(kind, number)
             where pg_is_in_recovery()""";

    private static final String SLOT_CONFLICTS = ", ('logicalSlot', confl_active_logicalslot)";

    private static final String SUBSCRIPTIONS = """

            union all
            select pg_is_in_recovery(), 'subscription', k.kind, s.subname::text, k.number
              from pg_stat_subscription_stats s
              cross join lateral (values ('apply', apply_error_count), ('sync', sync_error_count)) as k(kind, number)""";

    @Override
    public String verb() {
        return "replicationConflicts";
    }

    private static String sql(int version) {
        return CONFLICTS.formatted(version >= 16 ? SLOT_CONFLICTS : "") + (version >= 15 ? SUBSCRIPTIONS : "")
                + " order by number desc, source, kind, name";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> counts = look.rows(sql(look.version()));
        Map<String, Sample> before = look.past("replication_conflicts", within);
        Findings findings = new Findings();
        List<Map<String, Object>> rows = new ArrayList<>();
        long recent = 0;
        Instant since = null;
        for (Row row : counts) {
            Sample then = before.get(subject(row));
            long number = row.whole("number");
            // A counter that went back was reset in between.
            long more = then == null ? 0 : number - (then.value() > number ? 0 : Math.round(then.value()));
            Map<String, Object> shown = new LinkedHashMap<>(row.only("source", "name", "kind", "number"));
            if (then != null) {
                since = since == null || then.at().isBefore(since) ? then.at() : since;
                shown.put("since", then.at().toString());
                shown.put("more", more);
                recent += more;
                judge(findings, look, row, more, then.at(), shown);
            }
            if (number > 0) {
                rows.add(shown);
            }
        }
        look.note(counts.stream()
                .map(row -> look.figure("replication_conflicts", subject(row), row.real("number")))
                .toList());
        return findings.review(look, "replication conflicts", summary(look, counts, recent, since), rows);
    }

    private static String subject(Row row) {
        return row.text("source") + " " + row.text("kind") + " " + row.text("name");
    }

    private static String summary(Look look, List<Row> counts, long recent, @Nullable Instant since) {
        if (counts.isEmpty()) {
            return "no standby and no subscriber: nothing can conflict here";
        }
        long all = counts.stream().mapToLong(row -> row.whole("number")).sum();
        return since == null
                ? all + " since the statistics began; from now on it is known when they come"
                : recent + " in the last " + DurationText.say(Duration.between(since, look.now())) + ", " + all
                        + " since the statistics began";
    }

    private void judge(Findings findings, Look look, Row row, long more, Instant since, Map<String, Object> evidence) {
        ReviewStatus status = Findings.above(more, warn, fail);
        if (status == ReviewStatus.OK) {
            return;
        }
        String period = " in the last " + DurationText.say(Duration.between(since, look.now()));
        if (row.text("source").equals("subscription")) {
            findings.add(
                    status,
                    "subscriptionErrors",
                    "subscription " + row.text("name") + " failed " + more + " times to "
                            + (row.text("kind").equals("apply") ? "apply a change" : "copy a table") + period,
                    evidence,
                    "the server's log says which row; mend it here, or ALTER SUBSCRIPTION … SKIP (lsn = '…');");
            return;
        }
        findings.add(
                status,
                "queriesCancelled",
                Findings.count(more, "query", "queries") + " in " + row.text("name") + " had to give way to replay ("
                        + row.text("kind") + ")" + period,
                evidence,
                remedy(row.text("kind")));
    }

    private static String remedy(String kind) {
        return switch (kind) {
            case "snapshot" ->
                "ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf(); -- on the standby; its primary then keeps more dead rows";
            case "logicalSlot" ->
                "raise what the slot lacks: wal_level = logical on the primary, and its rows kept by hot_standby_feedback";
            case "tablespace" ->
                "keep temporary files out of tablespaces that are dropped: temp_tablespaces on the standby";
            default ->
                "ALTER SYSTEM SET max_standby_streaming_delay = '5min'; SELECT pg_reload_conf(); -- on the standby; replay then waits so long";
        };
    }
}
