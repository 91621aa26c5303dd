package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks at who keeps VACUUM from removing dead rows: the oldest transaction, prepared transaction, slot or query of a standby.
 * Changes nothing.
 */
public final class XminHorizon {

    private static final int MOST_ROWS = 20;
    private static final String CONDITION = "xmin_held";

    /** A holder that was not seen for so long may have gone and come back. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(2);

    private static final String FACTS = """
            select pg_is_in_recovery(), current_setting('hot_standby_feedback') = 'on',
                   pg_has_role('pg_read_all_stats', 'usage'), quote_ident(current_user)""";

    private final Database database;
    private final Work work;
    private final Measurements measurements;
    private final Clock clock;

    /** @param measurements how long a slot or a standby has held back is known only from looks before */
    public XminHorizon(Database database, Work work, Measurements measurements, Clock clock) {
        this.database = database;
        this.work = work;
        this.measurements = measurements;
        this.clock = clock;
    }

    private record Facts(boolean standby, boolean feedback, boolean seesSessions, String role) {}

    private record Held(XminHolder holder, double seconds) {}

    /** Looks once. */
    public Review review(XminLimits limits) throws SQLException {
        try (Session session = database.open(work)) {
            Facts facts = session.oneVerbatim(
                    FACTS, row -> new Facts(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3), row.getString(4)));
            List<Held> held = held(XminHolders.read(session));
            List<ReviewFinding> findings = new ArrayList<>();
            if (!facts.seesSessions()) {
                findings.add(new ReviewFinding(
                        "unreadable",
                        ReviewStatus.WARN,
                        "role " + facts.role() + " may not see what the sessions of others hold back",
                        "GRANT pg_read_all_stats TO " + facts.role() + ";"));
            }
            boolean matters = !facts.standby() || facts.feedback();
            if (matters) {
                held.forEach(one -> judge(one, limits, findings));
            }
            List<Map<String, Object>> rows = held.stream()
                    .limit(MOST_ROWS)
                    .map(one -> one.holder().fields(one.seconds() < 0 ? null : one.seconds()))
                    .toList();
            return new Review("xmin horizon", database.name(), summary(facts, held, findings), findings, rows);
        }
    }

    private List<Held> held(List<XminHolder> holders) {
        Instant now = clock.instant();
        List<Held> held = new ArrayList<>();
        for (XminHolder holder : holders) {
            // The same oldest row for as long as it was seen at every look.
            double seen = measurements
                    .holds(database.name(), CONDITION, holder.key(), true, now, FORGOTTEN_AFTER)
                    .map(since -> Duration.between(since, now).toSeconds())
                    .filter(seconds -> seconds > 0)
                    .map(Long::doubleValue)
                    .orElse(-1.0);
            held.add(new Held(holder, Math.max(holder.seconds(), seen)));
        }
        return held;
    }

    private static void judge(Held one, XminLimits limits, List<ReviewFinding> findings) {
        Duration time = Duration.ofMillis((long) (Math.max(0, one.seconds()) * 1000));
        XminHolder holder = one.holder();
        boolean fails = time.compareTo(limits.fail()) >= 0 && !holder.catalogOnly();
        boolean warns = time.compareTo(limits.warn()) >= 0 || holder.age() >= limits.transactions();
        if (fails || warns) {
            findings.add(new ReviewFinding(
                    holder.kind().wireName(),
                    fails ? ReviewStatus.FAIL : ReviewStatus.WARN,
                    "VACUUM may not remove " + (holder.catalogOnly() ? "rows of system catalogs" : "rows")
                            + " that were deleted since: " + say(one),
                    holder.fields(one.seconds()),
                    holder.remedy()));
        }
    }

    private static String say(Held one) {
        XminHolder holder = one.holder();
        return holder.words() + ", " + VacuumNeed.count(holder.age()) + " transactions"
                + (one.seconds() < 0 ? "" : " and " + DurationText.say(Duration.ofSeconds((long) one.seconds())))
                + " ago";
    }

    private static String summary(Facts facts, List<Held> held, List<ReviewFinding> findings) {
        if (facts.standby() && !facts.feedback()) {
            return "a standby, whose queries hold back nothing on its primary (hot_standby_feedback is off)";
        }
        List<Held> rows =
                held.stream().filter(one -> !one.holder().catalogOnly()).toList();
        if (rows.isEmpty()) {
            return "nothing keeps VACUUM from removing dead rows";
        }
        Held oldest = rows.get(0);
        boolean well = findings.stream().allMatch(one -> one.code().equals("unreadable"));
        return (well ? "no dead rows are kept for long; the oldest reason: " : "dead rows are kept: ") + say(oldest);
    }
}
