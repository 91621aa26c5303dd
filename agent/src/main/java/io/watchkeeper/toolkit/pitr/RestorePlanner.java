package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupKind;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Chooses the backup and the WAL that lead to a target, and says so when none do. Reads the repository only. */
public final class RestorePlanner {

    private static final int SEGMENTS_AHEAD = 8;

    private final BackupSettings settings;
    private final RestoreSource source;
    private final String database;
    private final Work work;
    private @Nullable Database running;

    public RestorePlanner(BackupSettings settings, RestoreSource source, String database, Work work) {
        this.settings = settings;
        this.source = source;
        this.database = database;
        this.work = work;
    }

    /** Lets the database that was backed up be asked, where it is reachable, what it has committed. */
    RestorePlanner asking(@Nullable Database database) {
        running = database;
        return this;
    }

    /** What restores and drills go by. @param wal what can be replayed @param log where that comes from */
    record Plan(RestoreSource source, RestorePreview preview, WalChain wal, ArchivedLog log) {

        /**
         * Brings the data directory back, for the server's user alone.
         *
         * @param data an empty folder
         */
        void bring(Path data, Path tablespaces, Path parts, ServerUser user) throws IOException {
            source.bring(preview.chain(), data, tablespaces, parts);
            Files.deleteIfExists(data.resolve("postmaster.pid"));
            Files.deleteIfExists(data.resolve("postmaster.opts"));
            user.giveAll(data);
            if (Files.isDirectory(tablespaces)) {
                for (Path one : RestoreFolder.content(tablespaces)) {
                    user.giveAll(one);
                }
                user.giveAlone(tablespaces);
            }
        }
    }

    /**
     * What a restore to the target would use.
     *
     * @param chosen a backup's id; null for the newest good one from which the target can be reached
     * @param to where it would be restored, for the room there
     * @throws OperatorException when the target cannot be reached: with what can
     */
    public RestorePreview preview(RecoveryTarget target, @Nullable String chosen, Path to) {
        return plan(target, chosen, to).preview();
    }

    Plan plan(RecoveryTarget target, @Nullable String chosen, Path to) {
        try {
            List<Backup> physical = source.backups();
            List<Backup> good = physical.stream().filter(Backup::isGood).toList();
            if (chosen != null) {
                return planOf(usable(chosen), target, to, true);
            }
            if (good.isEmpty()) {
                throw new NoBackupException(
                        "there is no good base backup of " + database
                                + (physical.isEmpty() ? "" : "; " + physical.size() + " are damaged"),
                        source.howToMakeOne());
            }
            return newestThatLeadsTo(target, good, to);
        } catch (IOException e) {
            throw new OperatorException(
                    "the repository " + source.place() + " cannot be read: " + Reason.of(e),
                    "is its file system mounted, and readable for this user?",
                    e);
        }
    }

    private Plan newestThatLeadsTo(RecoveryTarget target, List<Backup> good, Path to) throws IOException {
        List<Backup> newestFirst = new ArrayList<>(good);
        Collections.reverse(newestFirst);
        if (target instanceof RecoveryTarget.AtName named) {
            return planOf(
                    new RestorePoints(source, database, settings, work).backupBefore(named.name(), newestFirst),
                    target,
                    to,
                    false);
        }
        for (Backup backup : newestFirst) {
            if (endsBefore(backup, target) && chain(backup).isPresent()) {
                return planOf(backup, target, to, false);
            }
        }
        Backup oldest = good.get(0);
        throw new OperatorException(
                "no good base backup of " + database + " ends before " + target.words(),
                "recoverable is from " + start(oldest, target) + " on: " + oldest.id() + " is the oldest.");
    }

    private static String start(Backup oldest, RecoveryTarget target) {
        return target instanceof RecoveryTarget.AtLsn
                ? "LSN " + oldest.manifest().stopLsn()
                : oldest.manifest().finishedAt().toString();
    }

    private static boolean endsBefore(Backup backup, RecoveryTarget target) {
        if (target instanceof RecoveryTarget.AtTime at) {
            return !backup.manifest().finishedAt().isAfter(at.time());
        }
        if (target instanceof RecoveryTarget.AtLsn at) {
            Lsn stop = backup.manifest().stopLsn();
            return stop != null && stop.compareTo(at.lsn()) <= 0;
        }
        return true;
    }

    private Backup usable(String id) throws IOException {
        Backup backup = source.find(id);
        if (!backup.kind().isPhysical()) {
            throw new OperatorException(
                    id + " is a dump, and a dump has no log to recover with",
                    "restore it into a database: restore('" + database + "') { dump '" + id + "'; into '…' }.");
        }
        if (!backup.isGood()) {
            throw new OperatorException(
                    "backup " + id + " is damaged: "
                            + String.join("; ", backup.status().damages()),
                    "choose another one; watchkeeper backup list --database " + database + " names them.");
        }
        return backup;
    }

    private Plan planOf(Backup backup, RecoveryTarget target, Path to, boolean chosen) throws IOException {
        List<Backup> chain = chain(backup)
                .orElseThrow(() -> new OperatorException(
                        "backup " + backup.id() + " is incremental, and a backup that it builds on is gone or damaged",
                        "choose another one; watchkeeper backup list --database " + database + " names them."));
        if (chosen && !endsBefore(backup, target)) {
            throw new OperatorException(
                    "backup " + backup.id() + " ended at " + backup.manifest().finishedAt() + " and LSN "
                            + backup.manifest().stopLsn() + ", after the target " + target.words(),
                    "choose an older backup, or none: the newest that fits is found by itself.");
        }
        ArchivedLog log = source.log(backup);
        WalChain wal = WalChain.follow(log, backup.manifest());
        requireReach(wal, target, backup);
        // What the receiver says of the repository's own archive says nothing of another program's.
        RecoveryTarget reachable = source instanceof RepositorySource
                ? new QuietEnd(settings, settings.catalogue(database).wal(), running, work)
                        .reachable(target, backup.manifest(), wal, log::fetch)
                : target;
        long needed =
                source.restoredBytes(chain) + SEGMENTS_AHEAD * backup.manifest().walSegmentSize();
        return new Plan(
                source,
                new RestorePreview(
                        database,
                        chain,
                        reachable,
                        wal.files().size(),
                        new Bytes(wal.bytes()),
                        wal.timeline(),
                        wal.end(),
                        wal.newest(),
                        new Bytes(needed),
                        FreeSpace.of(to).orElse(null),
                        backup.status().restoreSeconds(),
                        notes(wal, reachable, backup)),
                wal,
                log);
    }

    /** Nobody may take a hole for the end. */
    private void requireReach(WalChain wal, RecoveryTarget target, Backup backup) {
        boolean within = target instanceof RecoveryTarget.AtLsn at && at.lsn().compareTo(wal.end()) < 0;
        if (target instanceof RecoveryTarget.AtLsn at && !within) {
            throw new OperatorException(
                    "LSN " + at.lsn() + " is beyond the archived WAL of " + database + ", which ends at " + wal.end(),
                    "recoverable from " + backup.id() + " is LSN "
                            + backup.manifest().stopLsn() + " to " + wal.end() + ".");
        }
        if (wal.missing() != null && target instanceof RecoveryTarget.Latest) {
            throw new OperatorException(
                    "WAL segment " + wal.missing() + " of " + database
                            + " is missing from the archive, although later ones are there",
                    "nothing behind it can be recovered. To accept that, recover to what is before it: target lsn('"
                            + new Lsn(wal.end().position() - 1) + "').");
        }
    }

    private List<String> notes(WalChain wal, RecoveryTarget target, Backup backup) throws IOException {
        List<String> notes = new ArrayList<>(source.notes(backup, wal.newest()));
        if (wal.missing() != null) {
            notes.add("segment " + wal.missing() + " is missing; recovery cannot get beyond " + wal.end());
        }
        if (target instanceof RecoveryTarget.AtQuietTime quiet) {
            notes.add(quiet.note());
        }
        Instant newest = wal.newest();
        boolean late = target instanceof RecoveryTarget.AtTime at
                && newest != null
                && at.time().isAfter(newest);
        if (late) {
            notes.add(
                    "the archive last got something at " + newest
                            + ": if nothing was committed since, recovery cannot tell that it has reached the target, and fails");
        }
        if (wal.files().isEmpty()) {
            notes.add("no archived WAL: recovery ends where the backup ended, at "
                    + backup.manifest().stopLsn());
        }
        return notes;
    }

    /** The backup and those it builds on, the whole one first; empty when one is gone or damaged. */
    private Optional<List<Backup>> chain(Backup backup) throws IOException {
        Deque<Backup> chain = new ArrayDeque<>();
        chain.addFirst(backup);
        List<Backup> all = source.backups();
        while (chain.getFirst().kind() == BackupKind.INCREMENTAL) {
            String parent = chain.getFirst().manifest().parent();
            Optional<Backup> next = all.stream()
                    .filter(b -> b.id().equals(parent) && b.isGood())
                    .findFirst();
            if (next.isEmpty() || chain.contains(next.get())) {
                return Optional.empty();
            }
            chain.addFirst(next.get());
        }
        return Optional.of(List.copyOf(chain));
    }
}
