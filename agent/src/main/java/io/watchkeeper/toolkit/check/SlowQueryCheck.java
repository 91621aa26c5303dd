package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.StatementText;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has been running for long, and, where pg_stat_statements is installed, which statements take the most time all together and each.
 * Statements are shown without the values in them.
 *
 * @param longerThan what runs for less is not listed
 * @param warn a statement running for so long
 * @param meanWarn a statement that on average takes so long and was run at least {@value #LEAST_CALLS} times; null for no limit
 * @param except application names, {@code *} for any characters, that are not judged: their work takes long by nature
 */
public record SlowQueryCheck(
        Duration longerThan,
        Duration warn,
        Duration fail,
        @Nullable Duration meanWarn,
        List<String> except) implements Check {

    /** Dumps, base backups and this agent's own copies. */
    public static final List<String> PATIENT_APPLICATIONS = List.of("pg_dump*", "pg_basebackup", "watchkeeper*");

    public static final SlowQueryCheck USUAL = new SlowQueryCheck(
            Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofMinutes(30), null, PATIENT_APPLICATIONS);

    private static final int LEAST_CALLS = 10;
    private static final int MOST_RUNNING = 10;

    private static final String RUNNING = """
            with extension as materialized (
                select quote_ident(n.nspname) as schema,
                       exists (select from pg_attribute a where a.attrelid = v.oid and a.attname = 'total_exec_time') as current,
                       has_schema_privilege(n.oid, 'usage') and has_table_privilege(v.oid, 'select') as readable
                  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
                  join pg_class v on v.relnamespace = n.oid and v.relname = 'pg_stat_statements'
                 where e.extname = 'pg_stat_statements'),
            facts as materialized (
                select pg_has_role('pg_read_all_stats', 'usage') as "seesAll", quote_ident(current_user) as role,
                       (select schema from extension) as "statementsIn",
                       (select current from extension) as "statementsCurrent",
                       (select readable from extension) as "statementsReadable",
                       current_setting('pg_stat_statements.max', true) is not null as "statementsLoaded"),
            running as (
                select pid, usename::text as "user", application_name as application, datname::text as database,
                       host(client_addr) as client, extract(epoch from clock_timestamp() - query_start)::float8 as seconds,
                       coalesce(wait_event_type || ': ' || wait_event, '') as "waitsFor", left(query, 2000) as statement
                  from pg_stat_activity
                 where state in ('active', 'fastpath function call') and backend_type = 'client backend'
                   and pid <> pg_backend_pid() and query_start < clock_timestamp() - ?::interval)
            select facts.*, running.* from facts left join running on true order by seconds desc nulls last""";

    /** Of this database only: the same statement elsewhere is another's concern. */
    private static final String STATEMENTS = """
            with s as materialized (
                select queryid, left(query, 2000) as statement, sum(calls) as calls, sum(total_exec_time) as total,
                       sum(total_exec_time) / sum(calls) as mean, max(max_exec_time) as worst, sum(rows) as rows,
                       sum(shared_blks_hit) as hit, sum(shared_blks_read) as read
                  from %s.pg_stat_statements
                 where dbid = (select oid from pg_database where datname = current_database()) and queryid is not null and calls > 0
                 group by 1, 2),
            ranked as (
                select *, row_number() over (order by total desc) as by_total, row_number() over (order by mean desc) as by_mean,
                       sum(total) over () as everything
                  from s)
            select queryid::text as "queryId", calls::bigint as calls, round(total::numeric, 1) as "totalMilliseconds",
                   round(mean::numeric, 3) as "meanMilliseconds", round(worst::numeric, 1) as "worstMilliseconds",
                   round((100 * total / nullif(everything, 0))::numeric, 1) as "percentOfTime", rows::bigint as rows,
                   round((100.0 * hit / nullif(hit + read, 0))::numeric, 1) as "cacheHitPercent", statement
              from ranked where by_total <= 7 or (by_mean <= 3 and calls >= 10) order by total desc""";

    @Override
    public String verb() {
        return "slowQueries";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> running = look.rows(RUNNING, longerThan);
        Row facts = running.get(0);
        Findings findings = new Findings();
        List<Map<String, Object>> rows = new ArrayList<>();
        List<Row> judged = running.stream()
                .filter(row -> row.has("pid")
                        && except.stream().noneMatch(pattern -> Names.match(pattern, row.text("application"))))
                .toList();
        for (Row row : judged.subList(0, Math.min(judged.size(), MOST_RUNNING))) {
            rows.add(shown(row));
            judge(findings, row);
        }
        String summary = judged.isEmpty()
                ? "no statement has been running for more than " + DurationText.say(longerThan)
                : Findings.count(judged.size(), "statement has", "statements have") + " been running for more than "
                        + DurationText.say(longerThan) + ", the longest for "
                        + DurationText.say(judged.get(0).seconds("seconds"));
        summary += statements(look, facts, findings, rows);
        if (!facts.is("seesAll")) {
            findings.unreadable(facts.text("role"), "what other sessions run");
        }
        return findings.review(look, "slow queries", summary, rows);
    }

    private static Map<String, Object> shown(Row row) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("kind", "running");
        shown.putAll(row.only("seconds", "pid", "user", "application", "database", "client", "waitsFor"));
        shown.put("statement", StatementText.of(row.text("statement")));
        return shown;
    }

    private void judge(Findings findings, Row row) {
        Duration time = row.seconds("seconds");
        ReviewStatus status = Findings.above(time, warn, fail);
        if (status != ReviewStatus.OK) {
            findings.add(
                    status,
                    "running",
                    Sessions.named(row) + " has been running one statement for " + DurationText.say(time)
                            + (row.text("waitsFor").isEmpty() ? "" : ", waits for " + row.text("waitsFor")) + ": "
                            + StatementText.of(row.text("statement")),
                    shown(row),
                    "SELECT pg_cancel_backend(" + row.whole("pid") + ");");
        }
    }

    /** @return why the statements cannot be read; empty when they can */
    private static String obstacle(Row facts) {
        if (!facts.has("statementsIn")) {
            return "is not installed here";
        }
        if (!facts.is("statementsLoaded")) {
            return "is not loaded: name it in shared_preload_libraries and restart";
        }
        if (!facts.is("statementsCurrent")) {
            return "is of an old version here: ALTER EXTENSION pg_stat_statements UPDATE;";
        }
        String schema = facts.text("statementsIn");
        String role = facts.text("role");
        return facts.is("statementsReadable")
                ? ""
                : "may not be read by role " + role + ": GRANT USAGE ON SCHEMA " + schema + " TO " + role
                        + "; GRANT SELECT ON " + schema + ".pg_stat_statements TO " + role + ";";
    }

    /** @return for the summary */
    private String statements(Look look, Row facts, Findings findings, List<Map<String, Object>> rows)
            throws SQLException {
        String obstacle = obstacle(facts);
        if (!obstacle.isEmpty()) {
            findings.say(
                    "noStatistics",
                    "it is not known which statements take the most time: pg_stat_statements " + obstacle);
            return "";
        }
        List<Measurement> figures = new ArrayList<>();
        List<Row> statements = look.rows(STATEMENTS.formatted(facts.text("statementsIn")));
        for (Row row : statements) {
            String statement = StatementText.of(row.text("statement"));
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("kind", "statement");
            shown.putAll(row.only(
                    "totalMilliseconds",
                    "percentOfTime",
                    "meanMilliseconds",
                    "worstMilliseconds",
                    "calls",
                    "rows",
                    "cacheHitPercent",
                    "queryId"));
            shown.put("statement", statement);
            rows.add(shown);
            figures.add(look.figure("statement_ms", statement, row.real("meanMilliseconds")));
            Duration mean = Duration.ofNanos(Math.round(row.real("meanMilliseconds") * 1e6));
            if (meanWarn != null && row.whole("calls") >= LEAST_CALLS && mean.compareTo(meanWarn) >= 0) {
                findings.warn(
                        "slowOnAverage",
                        "a statement takes " + DurationText.say(mean) + " on average over " + row.whole("calls")
                                + " calls: " + statement,
                        shown,
                        "EXPLAIN (ANALYZE, BUFFERS) " + statement + "; -- with values for each parameter");
            }
        }
        look.note(figures);
        return statements.isEmpty()
                ? ""
                : "; " + statements.get(0).text("percentOfTime") + " % of all time went into: "
                        + StatementText.of(statements.get(0).text("statement"));
    }
}
