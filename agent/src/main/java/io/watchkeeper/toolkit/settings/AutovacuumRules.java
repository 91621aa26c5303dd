package io.watchkeeper.toolkit.settings;

import java.util.Locale;

/** Whether the server keeps itself clean, and clean enough for large tables. */
final class AutovacuumRules {

    private static final double VACUUM_SCALE = 0.05;
    private static final double ANALYZE_SCALE = 0.02;
    private static final int FEWEST_WORKERS = 3;
    private static final double LATEST_FREEZE = 1_000_000_000;

    /** What each page that it makes dirty costs a vacuum, by default. */
    private static final double DIRTY_PAGE_COST = 20;

    private static final double PAGE_MEGABYTES = 8 / 1024.0;

    /** Slower than this, autovacuum never gets to the end of a large table. */
    private static final double SLOWEST_MEGABYTES_PER_SECOND = 8;

    private AutovacuumRules() {}

    static void examine(ServerSettings settings, SettingFindings findings) {
        if (settings.is("autovacuum", "off")) {
            findings.warn(
                    "autovacuum", "autovacuum", "autovacuum is off: tables bloat, and transaction ids run out", "on");
        }
        if (settings.is("track_counts", "off")) {
            findings.warn(
                    "autovacuum",
                    "track_counts",
                    "track_counts is off: autovacuum does not see what to clean, and checks see nothing",
                    "on");
        }
        scales(settings, findings);
        if (settings.isBelow("autovacuum_max_workers", FEWEST_WORKERS)) {
            findings.warn(
                    "autovacuumWorkers",
                    "autovacuum_max_workers",
                    "autovacuum_max_workers is " + settings.words("autovacuum_max_workers")
                            + ": one large table keeps all others waiting",
                    Integer.toString(FEWEST_WORKERS));
        }
        speed(settings, findings);
        for (String age : new String[] {"autovacuum_freeze_max_age", "autovacuum_multixact_freeze_max_age"}) {
            if (settings.isAbove(age, LATEST_FREEZE)) {
                findings.warn(
                        "autovacuumFreeze",
                        age,
                        age + " is " + settings.words(age) + ": little is left until the server stops taking writes",
                        age.contains("multixact") ? "400000000" : "200000000");
            }
        }
        if (!settings.standby()
                && settings.time("idle_in_transaction_session_timeout")
                        .filter(time -> time.isZero())
                        .isPresent()) {
            findings.warn(
                    "idleInTransaction",
                    "idle_in_transaction_session_timeout",
                    "idle_in_transaction_session_timeout is 0: a forgotten transaction holds its locks and keeps dead"
                            + " rows for ever",
                    "10min");
        }
    }

    private static void scales(ServerSettings settings, SettingFindings findings) {
        if (settings.isAbove("autovacuum_vacuum_scale_factor", VACUUM_SCALE)) {
            findings.warn(
                    "vacuumScaleFactor",
                    "autovacuum_vacuum_scale_factor",
                    "autovacuum_vacuum_scale_factor is " + settings.words("autovacuum_vacuum_scale_factor")
                            + ": a table of 10 million rows is left alone until "
                            + millions(settings, "autovacuum_vacuum_scale_factor") + " million of them are dead",
                    Double.toString(VACUUM_SCALE));
        }
        if (settings.isAbove("autovacuum_analyze_scale_factor", ANALYZE_SCALE)) {
            findings.warn(
                    "analyzeScaleFactor",
                    "autovacuum_analyze_scale_factor",
                    "autovacuum_analyze_scale_factor is " + settings.words("autovacuum_analyze_scale_factor")
                            + ": the planner works with old figures until "
                            + millions(settings, "autovacuum_analyze_scale_factor")
                            + " million of 10 million rows have changed",
                    Double.toString(ANALYZE_SCALE));
        }
    }

    private static String millions(ServerSettings settings, String scale) {
        return String.format(Locale.ROOT, "%.1f", settings.number(scale).orElse(0.0) * 10);
    }

    private static void speed(ServerSettings settings, SettingFindings findings) {
        double delay = settings.number("autovacuum_vacuum_cost_delay").orElse(0.0);
        double own = settings.number("autovacuum_vacuum_cost_limit").orElse(-1.0);
        double limit = own > 0 ? own : settings.number("vacuum_cost_limit").orElse(0.0);
        if (delay <= 0 || limit <= 0) {
            return;
        }
        double perSecond = limit / delay * 1_000 / DIRTY_PAGE_COST * PAGE_MEGABYTES;
        if (perSecond < SLOWEST_MEGABYTES_PER_SECOND) {
            findings.warn(
                    "autovacuumCost",
                    "autovacuum_vacuum_cost_limit",
                    String.format(
                            Locale.ROOT,
                            "autovacuum may clean %.1f MB a second (cost limit %.0f, delay %s ms): a large table takes days",
                            perSecond,
                            limit,
                            settings.value("autovacuum_vacuum_cost_delay").orElse("")),
                    String.format(Locale.ROOT, "%.0f", Math.min(10_000, Math.ceil(delay * 500))));
        }
    }
}
