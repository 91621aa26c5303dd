package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores a base backup to a directory of a person's choosing, and makes it ready to recover to the target by the start of its
 * server. Never starts it: that is for whoever has looked at it.
 *
 * <p>While it works, and after it died, the directory holds the file {@value #MARKER}: half a cluster is never taken for one. Only a
 * person removes it, or says that it may be overwritten.
 */
public final class DirectoryRestore {

    static final String MARKER = RestoreFolder.MARKER;

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryRestore.class);

    private final BackupSettings settings;
    private final RestoreSource source;
    private final String database;
    private final Work work;
    private @Nullable Database running;

    /** Of backups in the agent's own repository. */
    public DirectoryRestore(BackupSettings settings, String database, Work work) {
        this(settings, new RepositorySource(settings, database, work), database, work);
    }

    /** @param source where the backups are */
    public DirectoryRestore(BackupSettings settings, RestoreSource source, String database, Work work) {
        this.settings = settings;
        this.source = source;
        this.database = database;
        this.work = work;
    }

    /** Lets the database that was backed up be asked, where it is reachable, whether anything is missing before a target in time. */
    public DirectoryRestore asking(Database original) {
        running = original;
        return this;
    }

    /**
     * What it would use. Changes nothing.
     *
     * @throws OperatorException when the target cannot be reached, or the directory may not be written
     */
    public RestorePreview preview(DirectoryPlan plan) {
        RestorePlanner.Plan chosen = new RestorePlanner(settings, source, database, work)
                .asking(running)
                .plan(plan.target(), plan.backup(), plan.to());
        PgBinaries unused = BaseRestore.programs(settings, chosen.preview().backup());
        source.requirePrograms(chosen.preview().chain());
        requireWritable(plan);
        return chosen.preview().withNotes(chosen.log().obstacles(user(plan)));
    }

    /**
     * Does it.
     *
     * @throws OperatorException when it cannot be done; what it had written is gone then, and an old cluster that there was room for is back
     */
    public DirectoryResult run(DirectoryPlan plan) {
        long begin = System.nanoTime();
        ServerUser user = user(plan);
        RestorePlanner.Plan chosen = new RestorePlanner(settings, source, database, work)
                .asking(running)
                .plan(plan.target(), plan.backup(), plan.to());
        Backup backup = chosen.preview().backup();
        PgBinaries programs = BaseRestore.programs(settings, backup);
        requireWritable(plan);
        source.requirePrograms(chosen.preview().chain());
        List<String> obstacles = chosen.log().obstacles(user);
        List<LockFile> pins = pins(chosen.preview());
        try {
            List<String> notes = new ArrayList<>(marked(plan, chosen, user, programs));
            notes.addAll(obstacles);
            Bytes restored = new Bytes(FolderTree.size(plan.to()));
            return new DirectoryResult(
                    database,
                    backup.id(),
                    plan.to(),
                    plan.target().words(),
                    restored,
                    Duration.ofNanos(System.nanoTime() - begin),
                    notes,
                    commands(plan, user, programs));
        } catch (IOException e) {
            throw new OperatorException(
                    "backup " + backup.id() + " cannot be restored to " + plan.to() + ": " + Reason.of(e),
                    "look at the rights and the free space there.",
                    e);
        } finally {
            pins.forEach(LockFile::close);
        }
    }

    private static ServerUser user(DirectoryPlan plan) {
        return plan.owner() == null ? ServerUser.usualOwner() : ServerUser.named(plan.owner());
    }

    private List<String> marked(DirectoryPlan plan, RestorePlanner.Plan chosen, ServerUser user, PgBinaries programs)
            throws IOException {
        String holder = chosen.preview().backup().id() + " is being restored";
        boolean madeTablespaces = !Files.exists(plan.tablespaceFolder());
        List<RestoreFolder> folders = new ArrayList<>();
        try {
            folders.add(RestoreFolder.take(plan.to(), holder));
            try {
                folders.add(RestoreFolder.take(plan.tablespaceFolder(), holder));
            } catch (IOException e) {
                // Most clusters have no tablespaces, and the folder above the directory is often another user's, or
                // can only be read.
                if (holdsAnything(plan.tablespaceFolder())) {
                    throw e;
                }
                LOG.debug("no tablespaces can come to {}: {}", plan.tablespaceFolder(), e.toString());
            }
            return restore(plan, chosen, user, programs, folders);
        } finally {
            // The directory's mark is the first to go: without it, nobody is told that its tablespaces may be replaced.
            for (RestoreFolder one : folders) {
                one.release();
            }
            if (madeTablespaces && Files.exists(plan.tablespaceFolder()) && isEmpty(plan.tablespaceFolder())) {
                Files.delete(plan.tablespaceFolder());
            }
        }
    }

    /** Also when that cannot be told. */
    private static boolean holdsAnything(Path folder) {
        try {
            return Files.exists(folder) && !isEmpty(folder);
        } catch (IOException e) {
            return true;
        }
    }

    private List<String> restore(
            DirectoryPlan plan,
            RestorePlanner.Plan chosen,
            ServerUser user,
            PgBinaries programs,
            List<RestoreFolder> folders)
            throws IOException {
        List<String> notes = new ArrayList<>();
        boolean whole = false;
        try {
            RestoreFolder.dropHalves(folders);
            if (hasRoomBeside(plan, chosen.preview())) {
                for (RestoreFolder one : folders) {
                    one.setAside();
                }
            } else {
                for (RestoreFolder one : folders) {
                    one.empty();
                }
                notes.add("there was no room for both: what was there was removed before the restore began");
            }
            user.giveAlone(plan.to());
            Path parts = plan.to().resolve("watchkeeper.parts");
            Path data = Files.createDirectories(parts.resolve("whole"));
            chosen.bring(data, plan.tablespaceFolder(), parts, user);
            moveUp(data, plan.to());
            FolderTree.delete(parts);
            ControlData control = ControlData.of(programs, plan.to(), work);
            notes.addAll(new RestoredSettings(plan.to(), user, programs)
                    .adapt(Recovery.settings(chosen.preview(), chosen.log().restoreCommand(plan.to())), control));
            if (chosen.preview().target() instanceof RecoveryTarget.AtQuietTime quiet) {
                notes.add(quiet.note());
            }
            work.throwIfCancelled();
            for (RestoreFolder one : folders) {
                one.sync();
            }
            // The directory first: it decides for its tablespaces, should this process die between the two.
            for (RestoreFolder one : folders) {
                one.retire();
            }
            folders.forEach(RestoreFolder::end);
            whole = true;
        } finally {
            if (!whole) {
                for (RestoreFolder one : folders) {
                    one.putBack();
                }
            }
        }
        // The directory last: as long as it is not done there, the next one knows what is left of tablespaces for that.
        for (int i = folders.size() - 1; i >= 0; i--) {
            try {
                folders.get(i).removeRetired();
            } catch (IOException e) {
                notes.add("what was replaced could not all be removed: " + Reason.of(e) + "; "
                        + folders.get(i).retired() + " may go");
            }
        }
        return notes;
    }

    /**
     * Whether the restore and what it replaces fit beside each other.
     *
     * @throws OperatorException when it would not even fit in its place; nothing is changed then
     */
    private boolean hasRoomBeside(DirectoryPlan plan, RestorePreview preview) throws IOException {
        Bytes needed = preview.needed();
        Bytes free = FreeSpace.of(plan.to()).orElse(needed);
        Path tablespaces = plan.tablespaceFolder();
        boolean another =
                Files.exists(tablespaces) && !Files.getFileStore(plan.to()).equals(Files.getFileStore(tablespaces));
        Bytes old = new Bytes(FolderTree.size(tablespaces));
        // How much of it comes to another disk, nothing tells before: as much as is there, most likely.
        boolean roomThere = !another || FreeSpace.of(tablespaces).orElse(old).compareTo(old) >= 0;
        if (free.compareTo(needed) >= 0) {
            return roomThere;
        }
        long gained = FolderTree.size(plan.to()) + (another ? 0 : old.count());
        FreeSpace.require(plan.to(), new Bytes(Math.max(0, needed.count() - gained)), "the restore of " + database);
        return false;
    }

    private static void moveUp(Path from, Path to) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(from)) {
            for (Path one : all) {
                Files.move(one, to.resolve(one.getFileName()));
            }
        }
    }

    private void requireWritable(DirectoryPlan plan) {
        Path to = plan.to();
        Path tablespaces = plan.tablespaceFolder();
        requirePlace(to);
        requirePlace(tablespaces);
        requireApart(to, tablespaces, "where tablespaces would go");
        try {
            if (Files.isDirectory(to) && !isEmpty(to)) {
                requireReplaceable(to, plan.overwrite());
            }
            if (Files.isDirectory(tablespaces) && !isEmpty(tablespaces)) {
                requireReplaceableTablespaces(plan);
            }
        } catch (IOException e) {
            throw new OperatorException(to + " cannot be read: " + Reason.of(e), null, e);
        }
    }

    private void requirePlace(Path folder) {
        if (Files.isSymbolicLink(folder) || (Files.exists(folder) && !Files.isDirectory(folder))) {
            throw new OperatorException(folder + " is not a directory", "name a new or empty directory.");
        }
        for (Path ours : new Path[] {settings.requireRepository(), settings.state()}) {
            requireApart(folder, ours.toAbsolutePath().normalize(), "the agent's own folder");
        }
    }

    private static void requireApart(Path folder, Path other, String what) {
        if (other.startsWith(folder) || folder.startsWith(other)) {
            throw new OperatorException(
                    folder + " and " + what + ", " + other + ", lie within each other", "name a directory elsewhere.");
        }
    }

    /**
     * Beside what this restore's directory has there, a folder of tablespaces can hold those of a cluster that runs, which no file in it
     * tells.
     */
    private static void requireReplaceableTablespaces(DirectoryPlan plan) throws IOException {
        Path folder = plan.tablespaceFolder();
        if (!plan.overwrite()) {
            throw new OperatorException(
                    folder + ", where tablespaces would go, is not empty",
                    "empty it, name another folder, or say that it may be overwritten.");
        }
        if (RestoreFolder.isHalf(folder) && RestoreFolder.isHalf(plan.to())) {
            return;
        }
        Set<Path> own = linkedFrom(plan.to().resolve("pg_tblspc"));
        for (Path one : RestoreFolder.content(folder)) {
            if (!own.contains(one)) {
                throw new OperatorException(
                        folder + ", where tablespaces would go, holds " + one.getFileName()
                                + ", which is no tablespace of what is in " + plan.to() + ": it is never overwritten",
                        "name a new or empty folder, or move away what is there.");
            }
        }
    }

    private static Set<Path> linkedFrom(Path links) throws IOException {
        Set<Path> linked = new HashSet<>();
        if (Files.isDirectory(links)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(links, Files::isSymbolicLink)) {
                for (Path one : all) {
                    linked.add(links.resolve(Files.readSymbolicLink(one)).normalize());
                }
            }
        }
        return linked;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path one : all) {
                // A file system of its own has it from the beginning.
                if (!one.getFileName().toString().equals("lost+found")) {
                    return false;
                }
            }
        }
        return true;
    }

    private static void requireReplaceable(Path to, boolean overwrite) throws IOException {
        boolean half = RestoreFolder.isHalf(to);
        if (!half && !Files.exists(to.resolve("PG_VERSION"))) {
            throw new OperatorException(
                    to + " is not empty, and what is in it is no cluster: it is never overwritten",
                    "name a new or empty directory.");
        }
        if (isServed(to)) {
            throw new OperatorException(
                    "a server is running on " + to + ": it is never overwritten",
                    "stop it first (pg_ctl stop), or name a new directory.");
        }
        if (!overwrite) {
            throw new OperatorException(
                    half
                            ? to + " holds a restore that was not finished"
                            : to + " is not empty: it holds a cluster of PostgreSQL "
                                    + Files.readString(to.resolve("PG_VERSION")).strip(),
                    "name a new directory, or say 'overwrite true' (--overwrite): what is in it is removed then.");
        }
    }

    /** By the server's own note, and by who works there: the note alone can be lost or old. */
    private static boolean isServed(Path to) throws IOException {
        Path note = to.resolve("postmaster.pid");
        if (Files.exists(note)) {
            String pid =
                    Files.readAllLines(note).stream().findFirst().orElse("").strip();
            boolean alive = pid.matches("\\d{1,10}")
                    && ProcessHandle.of(Long.parseLong(pid))
                            .filter(ProcessHandle::isAlive)
                            .flatMap(p -> p.info().command())
                            .filter(command -> command.endsWith("postgres") || command.endsWith("postmaster"))
                            .isPresent();
            if (alive) {
                return true;
            }
        }
        return !OtherProcesses.workingIn(to).isEmpty();
    }

    private List<LockFile> pins(RestorePreview preview) {
        Catalogue catalogue = settings.catalogue(database);
        // A repository that cannot be written to, nobody expires from this host.
        return Files.isWritable(catalogue.folder())
                ? preview.chain().stream()
                        .map(one -> catalogue.pin(
                                one.id(), "restore-" + ProcessHandle.current().pid() + "-" + System.nanoTime()))
                        .toList()
                : List.of();
    }

    private static List<String> commands(DirectoryPlan plan, ServerUser user, PgBinaries programs) {
        String as = user.self() ? "" : "runuser -u " + user.name() + " -- ";
        String data = ArchivedLog.quoted(plan.to());
        return List.of(
                as + programs.folder().resolve("pg_ctl") + " start -w -t 86400 -D " + data + " -l " + data
                        + "/recovery.log",
                as + programs.folder().resolve("psql") + " -d postgres -c 'select pg_is_in_recovery()'");
    }
}
