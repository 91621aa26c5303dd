package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The backup that an incremental one builds on: the newest of the same cluster and timeline, if it is good.
 *
 * @param manifest PostgreSQL's own, which the server compares with
 */
record ParentBackup(Backup backup, Path manifest) {

    private static final int FIRST_VERSION = 17;

    /**
     * What was found.
     *
     * @param missing why there is none; null when there is one
     */
    record Found(@Nullable ParentBackup parent, @Nullable String missing) {}

    /** @throws OperatorException when server or tools make no incremental backups at all */
    static void requireIncremental(BackedUpServer server, String database, int toolMajor) {
        if (server.major() < FIRST_VERSION) {
            throw new OperatorException(
                    "database '" + database + "' runs PostgreSQL " + server.major()
                            + ", and incremental base backups begin with 17",
                    "leave 'incremental' out; pgBackRest makes incremental backups of older servers.");
        }
        if (toolMajor < FIRST_VERSION) {
            throw new OperatorException(
                    "pg_basebackup " + toolMajor + " makes no incremental backups",
                    "apt install postgresql-client-" + server.major() + ".");
        }
        if (!server.summarizesWal()) {
            throw new OperatorException(
                    "summarize_wal is off on database '" + database
                            + "', so that the server does not know what changed",
                    "as a superuser there: ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf();");
        }
    }

    static Found find(Catalogue catalogue, BackedUpServer server, Duration fullAfter, Session session)
            throws SQLException {
        List<Backup> candidates = catalogue.backups().stream()
                .filter(backup -> backup.kind().isPhysical())
                .filter(backup -> backup.manifest().provider().equals(BackupManifest.NATIVE))
                .filter(backup -> backup.manifest().systemId() == server.systemId())
                .toList();
        if (candidates.isEmpty()) {
            return none("there is no base backup of this cluster yet");
        }
        Backup newest = candidates.get(candidates.size() - 1);
        BackupManifest manifest = newest.manifest();
        if (!newest.isGood()) {
            return none(newest.id() + " is damaged");
        }
        if (manifest.timeline() != server.timeline()) {
            return none(newest.id() + " is of timeline " + manifest.timeline() + ", and the server is on "
                    + server.timeline());
        }
        try {
            Backup full = BackupChain.of(catalogue, newest).full();
            Duration age = Duration.between(full.manifest().startedAt(), server.now());
            if (age.compareTo(fullAfter) >= 0) {
                return none("the whole backup " + full.id() + " is " + DurationText.say(age) + " old");
            }
            Optional<StoredFile> stored = manifest.files().stream()
                    .filter(file -> file.path().equals(ServerManifest.NAME)
                            || file.path().equals("data/" + ServerManifest.NAME))
                    .findFirst();
            if (stored.isEmpty()
                    || !FileDigest.of(newest.file(stored.get()))
                            .equals(stored.get().sha256())) {
                return none("the " + ServerManifest.NAME + " of " + newest.id() + " is not what was written");
            }
            if (!summariesReachBackTo(session, manifest)) {
                return none("the server's summaries of its log do not reach back to " + newest.id());
            }
            return new Found(new ParentBackup(newest, newest.file(stored.get())), null);
        } catch (OperatorException | IOException e) {
            return none(String.valueOf(e.getMessage()));
        }
    }

    private static boolean summariesReachBackTo(Session session, BackupManifest manifest) throws SQLException {
        return session.one("""
                select exists (select from pg_available_wal_summaries()
                                where tli = ? and start_lsn <= ?::pg_lsn)""", row -> row.getBoolean(1), manifest.timeline(), String.valueOf(manifest.startLsn()));
    }

    private static Found none(String why) {
        return new Found(null, why);
    }
}
