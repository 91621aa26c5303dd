package io.watchkeeper.demo;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;

/** What people do to the demo's rows while nobody watches. */
public final class DemoChanges {

    private static final Work WORK = Work.unattended("watchkeeper demo changes");

    private DemoChanges() {}

    /**
     * A day's work ashore.
     *
     * @return how many rows were changed, added and deleted
     */
    public static Ashore ashore(Database shore) throws SQLException {
        try (Session session = shore.open(WORK)) {
            long changed = session.update("""
                    update incidents set state = 'resolved', updated_at = now(), row_ver = row_ver + 1
                    where state <> 'resolved' and id % 40 = 0
                    """);
            long added = session.update("""
                    insert into audit_events (tenant_id, actor, action, subject, detail)
                    select tenant_id, 'demo', 'resolve', 'incident ' || id, '{}' from incidents where id % 40 = 0 and state = 'resolved'
                    """);
            long deleted = session.update("delete from document_chunks where id % 500 = 0");
            return new Ashore(changed, added, deleted);
        }
    }

    /** Rows that were written ashore. */
    public record Ashore(long changed, long added, long deleted) {}

    /**
     * A slip of somebody's hand aboard, which nobody told anyone of.
     *
     * @return how many rows are not as ashore now
     */
    public static long aboard(Database ship) throws SQLException {
        try (Session session = ship.open(WORK)) {
            long changed =
                    session.update("update tenants set name = name || '?' where id in (select min(id) from tenants)");
            long lost = session.update(
                    "delete from audit_events where id in (select id from audit_events order by id limit 2)");
            return changed + lost;
        }
    }
}
