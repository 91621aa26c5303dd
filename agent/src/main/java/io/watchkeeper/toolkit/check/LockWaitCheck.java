package io.watchkeeper.toolkit.check;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.StatementText;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who waits for a lock, and who is at the root of it: a session that itself waits for nobody, or a prepared transaction.
 *
 * @param warn a wait of so long
 */
public record LockWaitCheck(Duration warn, Duration fail) implements Check {

    public static final LockWaitCheck USUAL = new LockWaitCheck(Duration.ofSeconds(30), Duration.ofMinutes(5));

    /** A prepared transaction has no session; the server calls it 0. */
    private static final long PREPARED = 0;

    /** Who blocks whom is asked of those who wait only: the question itself takes the lock table's locks. */
    private static final String SQL = """
            with locks as materialized (select * from pg_locks),
            waits as materialized (
                select l.pid, pg_blocking_pids(l.pid) as blockers, l.mode, l.locktype, l.relation, l.database,
                       extract(epoch from now() - l.waitstart)::float8 as seconds,
                       (select p.gid from locks h
                          join locks x on x.virtualtransaction = h.virtualtransaction and x.pid is null and x.locktype = 'transactionid'
                          join pg_prepared_xacts p on p.transaction = x.transactionid
                         where h.granted and h.pid is null
                           and (h.locktype, h.database, h.relation, h.page, h.tuple, h.transactionid, h.classid, h.objid, h.objsubid)
                               is not distinct from
                               (l.locktype, l.database, l.relation, l.page, l.tuple, l.transactionid, l.classid, l.objid, l.objsubid)
                         order by p.prepared limit 1) as gid
                  from locks l where not l.granted and l.pid is not null),
            involved as (
                select pid from waits union select unnest(blockers) from waits)
            select i.pid, w.blockers, w.mode as lock, w.locktype as "lockType", w.seconds, w.gid,
                   case when w.relation is null then null
                        when w.database in (0, (select oid from pg_database where datname = current_database()))
                        then w.relation::regclass::text else 'relation ' || w.relation end as relation,
                   a.usename::text as "user", a.application_name as application, a.datname::text as database,
                   host(a.client_addr) as client, a.state, a.backend_type as "backendType", left(a.query, 2000) as statement,
                   extract(epoch from now() - a.xact_start)::float8 as "transactionSeconds",
                   pg_has_role('pg_read_all_stats', 'usage') as "seesAll", quote_ident(current_user) as role
              from involved i left join waits w using (pid) left join pg_stat_activity a using (pid)""";

    @Override
    public String verb() {
        return "lockWaits";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> involved = look.rows(SQL);
        Findings findings = new Findings();
        Map<Long, Row> byPid = new TreeMap<>();
        involved.forEach(row -> byPid.put(row.whole("pid"), row));
        List<Row> waiting = involved.stream()
                .filter(row -> row.has("blockers"))
                .sorted(Comparator.comparingDouble((Row row) -> row.real("seconds"))
                        .reversed())
                .toList();
        Map<String, List<Row>> byRoot = new LinkedHashMap<>();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Row waiter : waiting) {
            Chain chain = chain(waiter, byPid);
            byRoot.computeIfAbsent(chain.key(), root -> new ArrayList<>()).add(waiter);
            rows.add(shown(waiter, chain));
        }
        byRoot.values().forEach(held -> judge(findings, held, chain(held.get(0), byPid), byPid));
        if (!involved.isEmpty() && !involved.get(0).is("seesAll")) {
            findings.unreadable(involved.get(0).text("role"), "what the sessions run that wait and block");
        }
        return findings.review(look, "lock waits", summary(waiting, byRoot.size()), rows);
    }

    private static String summary(List<Row> waiting, int roots) {
        return waiting.isEmpty()
                ? "no session waits for a lock"
                : Findings.count(waiting.size(), "session waits", "sessions wait") + " for a lock because of "
                        + Findings.count(roots, "other", "others") + ", the longest for "
                        + DurationText.say(waiting.get(0).seconds("seconds"));
    }

    /**
     * From a waiter to the one at the root.
     *
     * @param root its process id, {@link #PREPARED} for a prepared transaction
     * @param gid of the prepared transaction; empty where it is none, or not known
     * @param depth how many are in between, counting the root
     */
    private record Chain(long root, String gid, int depth) {
        String key() {
            return root + gid;
        }
    }

    /** Of several who hold one up, the first that the server names. Sessions in a circle end soon by themselves: any of them is its root. */
    private static Chain chain(Row waiter, Map<Long, Row> byPid) {
        Set<Long> seen = new HashSet<>();
        Row at = waiter;
        int depth = 0;
        while (seen.add(at.whole("pid")) && !at.list("blockers").isEmpty()) {
            long next = ((Number) at.list("blockers").get(0)).longValue();
            depth++;
            Row blocker = byPid.get(next);
            if (next == PREPARED || blocker == null) {
                return new Chain(next, next == PREPARED ? at.text("gid") : "", depth);
            }
            at = blocker;
        }
        return new Chain(at.whole("pid"), "", depth);
    }

    private static Map<String, Object> shown(Row waiter, Chain chain) {
        Map<String, Object> shown = new LinkedHashMap<>(waiter.only("pid", "seconds", "lock", "lockType", "relation"));
        shown.put("blockedBy", waiter.list("blockers").toString());
        shown.put("root", chain.root());
        shown.put("depth", chain.depth());
        shown.putAll(waiter.only("user", "application", "database"));
        shown.put("statement", StatementText.of(waiter.text("statement")));
        return shown;
    }

    /** @param held up by one root, longest first */
    private void judge(Findings findings, List<Row> held, Chain chain, Map<Long, Row> byPid) {
        Row longest = held.get(0);
        Duration waited = longest.seconds("seconds");
        ReviewStatus status = Findings.above(waited, warn, fail);
        if (status == ReviewStatus.OK) {
            return;
        }
        Row root = byPid.get(chain.root());
        String who;
        String remedy;
        Map<String, Object> evidence = new LinkedHashMap<>(longest.only("pid", "seconds", "lock", "relation"));
        evidence.put("waiting", held.size());
        evidence.put("root", chain.root());
        if (root == null || chain.root() == PREPARED) {
            who = chain.gid().isEmpty() ? "a prepared transaction" : "the prepared transaction '" + chain.gid() + "'";
            remedy = chain.gid().isEmpty()
                    ? "SELECT gid, prepared, owner, database FROM pg_prepared_xacts ORDER BY prepared; -- then ROLLBACK PREPARED 'gid';"
                    : "ROLLBACK PREPARED "
                            + Identifiers.quoteLiteral(chain.gid()).strip() + ";";
        } else {
            String state = root.text("state");
            String statement = StatementText.of(root.text("statement"));
            evidence.put("rootState", state);
            evidence.put("rootStatement", statement);
            who = (root.text("backendType").equals("autovacuum worker") ? "autovacuum, " : "") + Sessions.named(root)
                    + (state.isEmpty() ? "" : ", " + state)
                    + (root.has("transactionSeconds")
                            ? ", in its transaction for " + DurationText.say(root.seconds("transactionSeconds"))
                            : "")
                    + (statement.isEmpty() ? "" : ", last statement: " + statement) + ",";
            // Cancelling ends a statement, and one that is idle runs none.
            remedy = "SELECT " + (state.startsWith("idle") ? "pg_terminate_backend(" : "pg_cancel_backend(")
                    + chain.root() + ");";
        }
        findings.add(
                status,
                "blocked",
                who + " holds up " + Findings.count(held.size(), "session", "sessions") + ", the longest for "
                        + DurationText.say(waited) + ": " + Sessions.named(longest) + " waits for "
                        + longest.text("lock")
                        + (longest.has("relation")
                                ? " on " + longest.text("relation")
                                : " (" + longest.text("lockType") + ")"),
                evidence,
                remedy);
    }
}
