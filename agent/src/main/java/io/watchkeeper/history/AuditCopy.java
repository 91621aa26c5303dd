package io.watchkeeper.history;

import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the audit trail into a table of a database, in a thread of its own: nobody waits for it, and after the database was away it
 * goes on where it was. Of several hosts that copy into one table, each has its own entries. An entry that is there is never
 * changed or removed: what was written anew on the host stands beside it.
 */
public final class AuditCopy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditCopy.class);
    private static final Work WORK = Work.unattended("watchkeeper audit");
    private static final int PIECE = 500;

    private final AuditTrail trail;
    private final String host;
    private final Database database;
    private final TableName table;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "audit-copy");
        made.setDaemon(true);
        return made;
    });

    /** Of the newest entry that is known to be in the table; null for unknown. Used by the one thread only. */
    private @Nullable Long copied;

    private boolean failing;

    /** @param every how often it looks for what is new */
    public AuditCopy(AuditTrail trail, String host, Database database, TableName table, Duration every) {
        this.trail = trail;
        this.host = host;
        this.database = database;
        this.table = table;
        var unused = thread.scheduleWithFixedDelay(this::copy, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void copy() {
        try {
            long position = copied == null ? 0 : copied;
            if (copied != null && trail.after(position, 1).isEmpty()) {
                return;
            }
            try (Session session = database.open(WORK)) {
                if (copied == null) {
                    createIfAbsent(session);
                    copied = reached(session);
                }
                copyRest(session, copied);
            }
            if (failing) {
                LOG.info("the audit trail is copied into {} of {} again", table, database.name());
            }
            failing = false;
        } catch (SQLException | RuntimeException e) {
            // The table may have been dropped, or the server be another one now.
            copied = null;
            if (!failing) {
                LOG.warn(
                        "the audit trail cannot be copied into {} of {}, and will be as soon as it can: {}",
                        table,
                        database.name(),
                        e.getMessage());
            }
            failing = true;
        }
    }

    /** Asked first: a role that may only insert could not say "if not exists". */
    private void createIfAbsent(Session session) throws SQLException {
        boolean there = session.one("select to_regclass(?) is not null", row -> row.getBoolean(1), table.quoted());
        if (there) {
            return;
        }
        boolean schema = session.one(
                "select exists (select from pg_namespace where nspname = ?)", row -> row.getBoolean(1), table.schema());
        session.begin();
        if (!schema) {
            session.runVerbatim("create schema " + Identifiers.quote(table.schema()));
        }
        session.runVerbatim("""
                create table %s (
                    host text not null,
                    position bigint not null,
                    at timestamptz not null,
                    actor text not null,
                    action text not null,
                    subject text not null,
                    result text not null,
                    entry text not null,
                    previous text not null,
                    hash text not null,
                    primary key (host, position, hash)
                )
                """.formatted(table.quoted()));
        session.commit();
        LOG.info("made {} in {} for the copy of the audit trail", table, database.name());
    }

    /** Up to where the table has what the trail has. */
    private long reached(Session session) throws SQLException {
        Optional<String[]> newest = session
                .list(
                        "select position, hash from " + table.quoted()
                                + " where host = ? order by position desc limit 1",
                        row -> new String[] {row.getString(1), row.getString(2)},
                        host)
                .stream()
                .findFirst();
        if (newest.isEmpty()) {
            return 0;
        }
        long position = Long.parseLong(newest.get()[0]);
        boolean same = trail.after(position - 1, 1).stream()
                .anyMatch(entry -> entry.position() == position && entry.hash().equals(newest.get()[1]));
        if (!same) {
            LOG.error(
                    "{} of {} has entry {}:{} of this host's audit trail, and the trail itself has not: it was cut off or"
                            + " written anew, see 'watchkeeper audit verify'",
                    table,
                    database.name(),
                    position,
                    newest.get()[1]);
            return 0;
        }
        return position;
    }

    private void copyRest(Session session, long from) throws SQLException {
        long position = from;
        while (true) {
            List<AuditEntry> piece = trail.after(position, PIECE);
            if (piece.isEmpty()) {
                return;
            }
            session.begin();
            insert(session, piece);
            session.commit();
            position = piece.get(piece.size() - 1).position();
            copied = position;
        }
    }

    private void insert(Session session, List<AuditEntry> entries) throws SQLException {
        String sql = "insert into " + table.quoted()
                + " (host, position, at, actor, action, subject, result, entry, previous, hash)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing";
        try (PreparedStatement insert = session.connection().prepareStatement(sql)) {
            for (AuditEntry entry : entries) {
                insert.setString(1, host);
                insert.setLong(2, entry.position());
                insert.setObject(3, entry.at().atOffset(ZoneOffset.UTC));
                insert.setString(4, storable(entry.actor()));
                insert.setString(5, storable(entry.action()));
                insert.setString(6, storable(entry.subject()));
                insert.setString(7, storable(entry.result()));
                insert.setString(8, entry.json());
                insert.setString(9, entry.previous());
                insert.setString(10, entry.hash());
                insert.addBatch();
            }
            int[] unused = insert.executeBatch();
        }
    }

    /** PostgreSQL's texts cannot hold the character 0; in the entry it is written as an escape. */
    private static String storable(String text) {
        return text.replace('\0', '\uFFFD');
    }

    /** What is on record already is copied first, where the database answers within two seconds. */
    @Override
    public void close() {
        thread.execute(this::copy);
        thread.shutdown();
        try {
            var unused = thread.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.shutdownNow();
    }
}
