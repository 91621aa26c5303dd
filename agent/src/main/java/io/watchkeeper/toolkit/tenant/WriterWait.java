package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Waits until all transactions have ended that would go on with what they saw before: those with one snapshot for all their statements
 * ({@code REPEATABLE READ}) would find an empty tenant after the switch. And until all transactions have ended that could have written into tables before now. Whoever begins later was shut out already: a
 * statement has its lock before its rights are looked at.
 */
record WriterWait(TenantPace pace, TenantId tenant) {

    private static final Duration POLL = Duration.ofMillis(20);

    private static final String WRITERS = """
            select distinct l.virtualtransaction from pg_locks l
             where l.locktype = 'relation' and l.database = (select oid from pg_database where datname = current_database())
               and l.relation in (select coalesce(p.relid::oid, t.oid) from unnest(?::oid[]) t(oid) left join lateral pg_partition_tree(t.oid) p on true
                                   union select oid from unnest(?::oid[]) t(oid))
               and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
               and l.granted and l.pid is distinct from pg_backend_pid()
            union
            select distinct l.virtualtransaction || coalesce(' ' || a.backend_xmin, '') from pg_locks l join pg_stat_activity a on a.pid = l.pid
             where l.locktype = 'relation' and l.database = (select oid from pg_database where datname = current_database())
               and l.relation in (select coalesce(p.relid::oid, t.oid) from unnest(?::oid[]) t(oid) left join lateral pg_partition_tree(t.oid) p on true
                                   union select oid from unnest(?::oid[]) t(oid))
               and l.granted and l.pid <> pg_backend_pid() and (a.backend_xmin is not null or a.state is null)
               and pg_has_role(a.usesysid, to_regrole(quote_ident(?))::oid, 'member')""";

    /** @param end in System.nanoTime @throws OperatorException when one goes on for longer */
    void run(List<TenantTable> tables, long end) throws SQLException {
        String oids = tables.stream().map(one -> String.valueOf(one.oid())).collect(Collectors.joining(",", "{", "}"));
        List<String> writers = waitedFor(oids);
        while (!writers.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new OperatorException(
                        writers.size()
                                + " transactions that may have written rows of the tenant, or go on with what they saw before, do not end",
                        "they would lose what they have written; run it again when they are done, or allow more time: shutOut 2.minutes"
                                + " (--shut-out 2m).");
            }
            pace.sleep(POLL);
            List<String> now = waitedFor(oids);
            writers = writers.stream().filter(now::contains).toList();
        }
    }

    private List<String> waitedFor(String oids) throws SQLException {
        return pace.session().list(WRITERS, row -> row.getString(1), oids, oids, oids, oids, tenant.role());
    }
}
