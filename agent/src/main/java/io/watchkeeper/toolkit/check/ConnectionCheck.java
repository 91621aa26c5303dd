package io.watchkeeper.toolkit.check;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.StatementText;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How many connections there are by state, and which transactions have been open for too long, prepared ones among them.
 *
 * @param warn share of the connections that are not reserved
 * @param transactionWarn a transaction open for so long is a warning
 */
public record ConnectionCheck(Ratio warn, Ratio fail, Duration transactionWarn, Duration transactionFail)
        implements Check {

    public static final ConnectionCheck USUAL =
            new ConnectionCheck(Ratio.percent(80), Ratio.percent(95), Duration.ofMinutes(10), Duration.ofHours(1));

    /**
     * The groups first, then the transactions that are too old; the facts of the server stand in every row. Of a session that the role may not see
     * no more is known than whose it is and in which database, but it takes a connection all the same.
     */
    private static final String SQL = """
            with facts as materialized (
                select current_setting('max_connections')::int as "max",
                       current_setting('superuser_reserved_connections')::int
                           + coalesce(current_setting('reserved_connections', true), '0')::int as reserved,
                       pg_has_role('pg_read_all_stats', 'usage') as "seesAll", quote_ident(current_user) as role),
            clients as materialized (
                select pid, coalesce(state, 'unknown') as state, usename::text as "user", application_name as application,
                       datname::text as database, host(client_addr) as client, xact_start, left(query, 2000) as statement
                  from pg_stat_activity
                 where backend_type = 'client backend'
                    or (backend_type is null and usesysid is not null and datid is not null)),
            groups as (
                select state, "user", application, database, count(*) as connections,
                       round(extract(epoch from now() - min(xact_start) filter (where pid <> pg_backend_pid())))::bigint
                           as "transactionSeconds"
                  from clients group by 1, 2, 3, 4),
            old as (
                select pid, state, "user", application, database, client, statement, null::text as gid,
                       extract(epoch from now() - xact_start)::float8 as seconds
                  from clients where xact_start is not null and pid <> pg_backend_pid() and xact_start < now() - ?::interval
                union all
                select null::int, 'prepared', owner::text, null::text, database::text, null::text, null::text, gid,
                       extract(epoch from now() - prepared)::float8
                  from pg_prepared_xacts where prepared < now() - ?::interval)
            select facts.*, 0 as part, null::int as pid, state, "user", application, database, null::text as client,
                   null::text as statement, null::text as gid, null::float8 as seconds, connections, "transactionSeconds"
              from facts left join groups on true
            union all
            select * from (
                select facts.*, 1, pid, state, "user", application, database, client, statement, gid, seconds, null::bigint, null::bigint
                  from facts, old order by seconds desc limit 10) worst
            order by part, connections desc nulls last, seconds desc nulls last""";

    @Override
    public String verb() {
        return "connections";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> all = look.rows(SQL, transactionWarn, transactionWarn);
        Findings findings = new Findings();
        Row facts = all.get(0);
        long used = 0;
        long idleInTransaction = 0;
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Row row : all) {
            if (row.whole("part") == 1) {
                judge(findings, row);
                continue;
            }
            used += row.whole("connections");
            idleInTransaction += row.text("state").startsWith("idle in transaction") ? row.whole("connections") : 0;
            rows.add(row.only("state", "connections", "user", "application", "database", "transactionSeconds"));
        }
        judge(findings, facts, used);
        if (!facts.is("seesAll")) {
            findings.unreadable(facts.text("role"), "what other sessions do, so open transactions may be missed");
        }
        String summary = used + " of " + facts.whole("max") + " connections, "
                + (idleInTransaction == 0 ? "none" : idleInTransaction) + " left open in a transaction";
        return findings.review(look, "connections", summary, rows);
    }

    private void judge(Findings findings, Row facts, long used) {
        long usable = facts.whole("max") - facts.whole("reserved");
        Ratio share = Findings.share(used, usable);
        ReviewStatus status = Findings.above(share, warn, fail);
        if (status != ReviewStatus.OK) {
            findings.add(
                    status,
                    "nearMaximum",
                    used + " of " + usable + " connections are in use, " + share + " (max_connections = "
                            + facts.whole("max") + ", of which " + facts.whole("reserved") + " are reserved)",
                    Map.of("connections", used, "usable", usable, "percent", Findings.percent(share)),
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' AND state_change < now() - interval"
                            + " '1 hour'; -- and let the applications share connections through a pooler");
        }
    }

    private void judge(Findings findings, Row old) {
        Duration open = old.seconds("seconds");
        ReviewStatus status = Findings.above(open, transactionWarn, transactionFail);
        if (status == ReviewStatus.OK) {
            return;
        }
        String since = DurationText.say(open);
        if (old.has("gid")) {
            String gid = old.text("gid");
            findings.add(
                    status,
                    "preparedTransaction",
                    "the prepared transaction '" + gid + "' of " + old.text("user") + " in " + old.text("database")
                            + " waits for its end for " + since,
                    old.only("gid", "user", "database", "seconds"),
                    // It can only be ended in its own database.
                    "ROLLBACK PREPARED " + Identifiers.quoteLiteral(gid).strip() + "; -- in database "
                            + old.text("database"));
            return;
        }
        boolean idle = old.text("state").startsWith("idle in transaction");
        Map<String, Object> evidence = Row.with(
                old.only("pid", "state", "user", "application", "client", "database", "seconds"),
                "statement",
                StatementText.of(old.text("statement")));
        findings.add(
                status,
                idle ? "idleInTransaction" : "longTransaction",
                Sessions.named(old) + (idle ? " has left a transaction open for " : " works in a transaction for ")
                        + since + ": " + StatementText.of(old.text("statement")),
                evidence,
                idle
                        ? "SELECT pg_terminate_backend(" + old.whole("pid")
                                + "); -- and for all: ALTER SYSTEM SET idle_in_transaction_session_timeout = '10min'; SELECT pg_reload_conf();"
                        : "SELECT pg_cancel_backend(" + old.whole("pid") + ");");
    }
}
