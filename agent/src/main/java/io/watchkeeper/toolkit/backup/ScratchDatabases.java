package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Databases that are made to be dropped again, or renamed when all is in them. Each is written down in the agent's state directory before
 * it is made: if the process dies at any later moment, the {@link #sweep} of another finds the note, whose lock is free then, and drops
 * just that database.
 */
public final class ScratchDatabases {

    /** What their names begin with, for people who come across one. */
    static final String PREFIX = "watchkeeper_scratch_";

    private static final Logger LOG = LoggerFactory.getLogger(ScratchDatabases.class);
    private static final String NOTE = ".json";
    private static final String LOCK = ".lock";
    private static final double WITH_INDEXES = 1.5;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final BackupSettings settings;
    private final Path folder;

    /** What is written down. @param database the configured one on whose server the scratch database is */
    record Note(String database, String name) {}

    public ScratchDatabases(BackupSettings settings) {
        this.settings = settings;
        folder = settings.state().resolve("scratch");
    }

    /**
     * Makes an empty one.
     *
     * @param server on whose server
     * @param hidden whether nobody but its owner and superusers may connect to it
     * @param tables how large the tables are that will be in it; their indexes are reckoned with here
     * @throws OperatorException when the role may not make databases, or the server has no such locale or no room
     */
    ScratchDatabase make(Database server, Work work, DatabaseLocale locale, boolean hidden, Bytes tables)
            throws SQLException {
        String name = PREFIX + HexFormat.of().formatHex(random());
        LockFile lock = note(new Note(server.name(), name));
        ScratchDatabase scratch = new ScratchDatabase(this, server, name, lock);
        try {
            OtherDatabase.administer(server, work, session -> {
                requireRoom(session, tables);
                session.runVerbatim(locale.create(name));
                if (hidden) {
                    session.runVerbatim(
                            "REVOKE CONNECT, TEMPORARY ON DATABASE " + Identifiers.quote(name) + " FROM PUBLIC");
                }
                return name;
            });
            return scratch;
        } catch (SQLException e) {
            scratch.close();
            throw refused(server, locale, e);
        } catch (RuntimeException e) {
            scratch.close();
            throw e;
        }
    }

    /** Only where the server is on this host, and says where its data is. */
    private static void requireRoom(Session session, Bytes tables) throws SQLException {
        if (session.database().settings().local()) {
            for (String data : session.list(
                    "select setting from pg_settings where name = 'data_directory'", row -> row.getString(1))) {
                FreeSpace.require(
                        Path.of(data),
                        Bytes.of((long) (tables.count() * WITH_INDEXES)),
                        "restoring on the server of '" + session.database().name() + "'");
            }
        }
    }

    private static byte[] random() {
        byte[] bytes = new byte[8];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private LockFile note(Note note) {
        try {
            Files.createDirectories(folder);
            LockFile lock = LockFile.tryAcquireTemporary(
                            folder.resolve(note.name() + LOCK),
                            "process " + ProcessHandle.current().pid())
                    .orElseThrow(() -> new OperatorException(note.name() + " is in use", null));
            try {
                BackupJson.write(folder.resolve(note.name() + NOTE), note);
            } catch (IOException e) {
                lock.close();
                throw e;
            }
            return lock;
        } catch (IOException e) {
            throw new OperatorException(
                    "the scratch database cannot be written down in " + folder + ": " + e.getMessage(),
                    "make room there; it must be writable for user '" + System.getProperty("user.name") + "'.",
                    e);
        }
    }

    /** The database is gone, or is none of ours any more. */
    void forget(String name) {
        try {
            Files.deleteIfExists(folder.resolve(name + NOTE));
            DurableFile.sync(folder);
        } catch (IOException e) {
            LOG.warn("{}: {}", folder.resolve(name + NOTE), e.toString());
        }
    }

    /** Drops what processes that are dead have left, and what they decrypted. What cannot be reached now is left for the next time. */
    public void sweep(Collection<Database> databases) {
        DumpInput.sweep(settings);
        for (Path file : notes()) {
            String name = String.valueOf(file.getFileName()).replace(NOTE, "");
            Optional<LockFile> lock = LockFile.tryAcquireTemporary(folder.resolve(name + LOCK), "sweep");
            if (lock.isPresent()) {
                try {
                    sweep(file, databases);
                } catch (IOException | SQLException | RuntimeException e) {
                    LOG.warn("the database that {} names cannot be dropped now: {}", file, e.getMessage());
                } finally {
                    lock.get().close();
                }
            }
        }
    }

    private void sweep(Path file, Collection<Database> databases) throws IOException, SQLException {
        Note note = BackupJson.read(file, Note.class);
        Optional<Database> server = databases.stream()
                .filter(one -> one.name().equals(note.database()))
                .findFirst();
        if (server.isEmpty()) {
            LOG.debug("{} is on the server of '{}', which this sweep does not reach", note.name(), note.database());
            return;
        }
        drop(server.get(), Work.unattended("watchkeeper sweep"), note.name());
        forget(note.name());
        LOG.info("dropped {} on {}, which a process that ended has left", note.name(), note.database());
    }

    private List<Path> notes() {
        List<Path> notes = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, PREFIX + "*" + NOTE)) {
                all.forEach(notes::add);
            } catch (IOException e) {
                LOG.warn("{} cannot be read: {}", folder, e.toString());
            }
        }
        return notes;
    }

    /**
     * Drops a database with everything in it. Restored subscriptions are there but were never enabled; dropping one as it is would drop
     * the slot of the database it was copied from, so that each forgets its slot first.
     */
    static void drop(Database server, Work work, String name) throws SQLException {
        OtherDatabase.administer(server, work, session -> {
            List<String> subscriptions = session.list("""
                    select s.subname from pg_subscription s join pg_database d on d.oid = s.subdbid where d.datname = ?""", row -> row.getString(1), name);
            if (!subscriptions.isEmpty()) {
                dropSubscriptions(server, work, name, subscriptions);
            }
            session.runVerbatim("DROP DATABASE IF EXISTS " + Identifiers.quote(name) + " WITH (FORCE)");
            return name;
        });
    }

    private static void dropSubscriptions(Database server, Work work, String name, List<String> subscriptions)
            throws SQLException {
        try (DatabasePools pools = OtherDatabase.on(server, name);
                Session inside = pools.database(server.name()).open(work)) {
            // Restored from plain SQL, they would act on what follows.
            for (String trigger : inside.list("select evtname from pg_event_trigger", row -> row.getString(1))) {
                inside.runVerbatim("DROP EVENT TRIGGER " + Identifiers.quote(trigger));
            }
            for (String subscription : subscriptions) {
                String quoted = Identifiers.quote(subscription);
                inside.runVerbatim("ALTER SUBSCRIPTION " + quoted + " DISABLE");
                inside.runVerbatim("ALTER SUBSCRIPTION " + quoted + " SET (slot_name = NONE)");
                inside.runVerbatim("DROP SUBSCRIPTION " + quoted);
            }
        }
    }

    private static OperatorException refused(Database server, DatabaseLocale locale, SQLException failure) {
        String role = server.settings().user();
        if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(failure.getSQLState())) {
            return new OperatorException(
                    "role '" + role + "' may not make databases on the server of '" + server.name() + "'",
                    "ALTER ROLE " + Identifiers.quote(role) + " CREATEDB;",
                    failure);
        }
        String message = String.valueOf(failure.getMessage());
        return new OperatorException(
                "a database with encoding " + locale.encoding() + " and locale " + locale.collate()
                        + " cannot be made on the server of '" + server.name() + "': " + message,
                message.contains("locale") ? "install the locale on that server, or use another one." : null,
                failure);
    }
}
