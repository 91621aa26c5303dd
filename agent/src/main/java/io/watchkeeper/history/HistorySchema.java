package io.watchkeeper.history;

import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;

/** The tables of the store, built by numbered migrations, each recorded in {@code schema_version}. */
final class HistorySchema {

    /** Migration n stands at index n - 1. A migration that was released is never edited; a new one follows it. */
    private static final List<String> MIGRATIONS = List.of("""
            create table run (
                id text primary key,
                runbook text not null,
                host text not null,
                state text not null,
                started_at text not null,
                ended_at text,
                last_event_at text not null,
                duration_ns integer not null,
                dry_run integer not null,
                trigger text not null,
                params text not null,
                error_message text, error_hint text, error_file text, error_line integer, error_sql_state text,
                process integer not null
            ) strict;
            create index run_by_runbook on run (runbook, dry_run, id);
            create index run_by_end on run (ended_at);
            create index run_unended on run (id) where ended_at is null;

            create table step (
                run_id text not null references run (id) on delete cascade,
                step_index integer not null,
                name text not null,
                state text not null,
                duration_ns integer not null,
                attempts integer not null,
                error_message text, error_hint text, error_file text, error_line integer, error_sql_state text,
                primary key (run_id, step_index)
            ) strict, without rowid;

            create table verb_result (
                run_id text not null references run (id) on delete cascade,
                step_index integer not null,
                position integer not null,
                verb text not null,
                fields text not null,
                primary key (run_id, step_index, position)
            ) strict;

            create table log_line (
                run_id text not null references run (id) on delete cascade,
                position integer not null,
                at text not null,
                level text not null,
                message text not null,
                primary key (run_id, position)
            ) strict;

            create table schedule (
                runbook text primary key,
                paused integer not null default 0,
                last_fire_time text
            ) strict;
            """, """
            create table alert (
                alert_key text primary key,
                severity text not null,
                message text not null,
                labels text not null,
                opened_at text not null,
                raised_at text not null,
                sent_at text not null,
                unreached text not null,
                resolved_at text
            ) strict;
            """, """
            create table table_state (
                database text not null,
                name text not null,
                synced_at text,
                differences integer,
                told_at text not null,
                primary key (database, name)
            ) strict, without rowid;
            """, """
            create table measurement (
                database text not null,
                metric text not null,
                subject text not null,
                at integer not null,
                value real not null,
                primary key (database, metric, subject, at)
            ) strict, without rowid;
            create index measurement_by_time on measurement (at);

            create table held_condition (
                database text not null,
                condition text not null,
                subject text not null,
                since integer not null,
                told_at integer not null,
                primary key (database, condition, subject)
            ) strict, without rowid;
            """, """
            alter table run add column checklist text;
            """, """
            alter table run add column requested_by text;
            alter table run add column requested_from text;

            create table audit (
                position integer primary key,
                at text not null,
                actor text not null,
                action text not null,
                subject text not null,
                entry text not null,
                previous text not null,
                hash text not null
            ) strict;
            create index audit_by_subject on audit (subject, action);

            create table approval_request (
                run_id text primary key,
                subject text not null,
                digest text not null,
                needed integer not null,
                asked_at text not null
            ) strict, without rowid;

            create table approval (
                digest text not null,
                approver text not null,
                run_id text not null,
                approved_at text not null,
                primary key (digest, approver)
            ) strict, without rowid;
            """, """
            alter table table_state add column verified_at text;
            alter table table_state add column source text;
            """);

    static final int LATEST = MIGRATIONS.size();

    private HistorySchema() {}

    /**
     * Brings the store to the latest version, in one transaction: a process that dies in it leaves the old version.
     *
     * @throws OperatorException when the file is newer than this program, or not a Watchkeeper store at all
     */
    static void migrate(Connection connection, Path file, Instant now) throws SQLException {
        if (version(connection) == LATEST) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("begin immediate");
            try {
                // Asked again inside the transaction: another process may have migrated since.
                int from = version(connection);
                refuseUnknown(connection, file, from);
                if (from == 0) {
                    statement.executeUpdate(
                            "create table schema_version (version integer primary key, applied_at text not null) strict");
                }
                for (int version = from + 1; version <= LATEST; version++) {
                    statement.executeUpdate(MIGRATIONS.get(version - 1));
                    record(connection, version, now);
                }
                statement.execute("commit");
            } catch (SQLException | RuntimeException e) {
                HistoryFile.rollBack(connection);
                throw e;
            }
        }
    }

    /** @throws OperatorException when a program that only reads cannot read this version */
    static void requireLatest(Connection connection, Path file) throws SQLException {
        int version = version(connection);
        refuseUnknown(connection, file, version);
        if (version < LATEST) {
            throw new OperatorException(
                    file + " has schema version " + version + ", this program reads version " + LATEST,
                    "start the agent once with this program: it brings the file up to date.");
        }
    }

    /** 0 for a file that has no tables of ours. */
    static int version(Connection connection) throws SQLException {
        if (count(connection, "select count(*) from sqlite_master where name = 'schema_version'") == 0) {
            return 0;
        }
        return count(connection, "select coalesce(max(version), 0) from schema_version");
    }

    private static void refuseUnknown(Connection connection, Path file, int version) throws SQLException {
        if (version > LATEST) {
            throw new OperatorException(
                    file + " has schema version " + version + ", written by a newer Watchkeeper; this one knows up to "
                            + LATEST,
                    "install the newer version again, or move the file away to begin an empty history.");
        }
        if (version == 0 && count(connection, "select count(*) from sqlite_master") > 0) {
            throw new OperatorException(
                    file + " is an SQLite database, but not one of Watchkeeper's",
                    "move it away, or set 'state' to another directory.");
        }
    }

    private static void record(Connection connection, int version, Instant now) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into schema_version (version, applied_at) values (?, ?)")) {
            insert.setInt(1, version);
            insert.setString(2, StoredText.of(now));
            insert.executeUpdate();
        }
    }

    private static int count(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getInt(1) : 0;
        }
    }
}
