package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.pitr.ArchivedLog;
import io.watchkeeper.toolkit.pitr.NoBackupException;
import io.watchkeeper.toolkit.pitr.RestoreSource;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stanza as what is restored from. One of these is for one restore: it reads once what the stanza holds. */
public final class StanzaRestoreSource implements RestoreSource {

    private static final Logger LOG = LoggerFactory.getLogger(StanzaRestoreSource.class);

    private final PgBackRest program;
    private final StanzaCatalogue catalogue;
    private final String database;
    private @Nullable StanzaInfo known;

    /** Beside the restored data directory: a copy of its pg_control, for pgBackRest's user. */
    private volatile @Nullable Path control;

    /** @param database as configured */
    public StanzaRestoreSource(PgBackRest program, BackupSettings settings, String database) {
        this.program = program;
        this.catalogue = new StanzaCatalogue(settings.catalogue(database), program.stanza());
        this.database = database;
    }

    private StanzaInfo info() {
        StanzaInfo info = known;
        if (info == null) {
            info = program.info();
            if (info.isMissing()) {
                OperatorException missing = PgBackRestFailure.missingStanza(program.stanza(), program.configuration());
                throw new NoBackupException(String.valueOf(missing.getMessage()), missing.hint());
            }
            program.requireUsable(info);
            known = info;
        }
        return info;
    }

    @Override
    public String place() {
        return "stanza '" + program.stanza() + "'";
    }

    @Override
    public String howToMakeOne() {
        return "baseBackup('" + database + "') { provider pgbackrest('" + program.stanza() + "') } makes one.";
    }

    /** Those of a server that stood still are left out: no log leads on from them that this could follow. */
    @Override
    public List<Backup> backups() {
        StanzaInfo info = info();
        return info.backups().stream()
                .filter(backup -> backup.start() != null && backup.walStop() != null)
                .sorted(Comparator.comparing(StanzaBackup::finishedAt))
                .map(backup -> catalogue.describe(info, backup))
                .toList();
    }

    @Override
    public Backup find(String id) {
        List<Backup> all = backups();
        return all.stream()
                .filter(backup -> backup.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new OperatorException(
                        place() + " has no backup '" + id + "' that a log leads on from",
                        all.isEmpty()
                                ? howToMakeOne()
                                : "it has "
                                        + String.join(
                                                ", ",
                                                all.stream().map(Backup::id).toList())
                                        + "."));
    }

    @Override
    public ArchivedLog log(Backup backup) {
        StanzaBackup held = held(backup);
        String archive = info().archives().stream()
                .filter(one -> one.repo() == held.repo() && one.databaseId() == held.databaseId())
                .map(StanzaInfo.Archive::id)
                .findFirst()
                .orElseThrow(() -> new OperatorException(
                        place() + " has no archived log of the cluster that backup " + backup.id() + " is of",
                        "does the server archive? walArchive('" + database + "') { provider pgbackrest('"
                                + program.stanza() + "') } looks."));
        return new StanzaLog(
                program, archive, repo(held) == 0 ? List.of() : List.of("--repo=" + held.repo()), () -> control);
    }

    private StanzaBackup held(Backup backup) {
        return info().find(backup.id()).orElseThrow(() -> new IllegalStateException(backup.id()));
    }

    /** Its number, where there are several. */
    private int repo(StanzaBackup backup) {
        return info().repos().size() > 1 ? backup.repo() : 0;
    }

    @Override
    public long restoredBytes(List<Backup> chain) {
        return held(chain.get(chain.size() - 1)).bytes();
    }

    @Override
    public void requirePrograms(List<Backup> chain) {
        // pgBackRest has them built in, and has just answered.
    }

    @Override
    public List<String> notes(Backup backup, @Nullable Instant newest) {
        Instant oldest = backups().stream()
                .filter(Backup::isGood)
                .map(one -> one.manifest().finishedAt())
                .findFirst()
                .orElse(backup.manifest().finishedAt());
        Instant end = newest == null ? backup.manifest().finishedAt() : newest;
        return List.of("pgBackRest keeps it, in stanza '" + program.stanza() + "': what can be reached there is from "
                + oldest + " to " + end);
    }

    /** Restores as pgBackRest's user, because only that one can read the repository. */
    @Override
    public void bring(List<Backup> chain, Path data, Path tablespaces, Path parts) throws IOException {
        StanzaBackup backup = held(chain.get(chain.size() - 1));
        enter(backup.label());
        ServerUser user = program.user().map(ServerUser::named).orElseGet(ServerUser::me);
        boolean madeIt = !Files.isDirectory(tablespaces);
        Files.createDirectories(tablespaces);
        Files.createDirectories(parts);
        for (Path one : List.of(parts, data, tablespaces)) {
            user.giveAlone(one);
        }
        requireReachable(user, data);
        new StanzaRestore(program)
                .restore(new StanzaRestore.Plan(
                        data, tablespaces, backup.label(), StanzaRestore.Target.NONE, null, repo(backup), false));
        if (madeIt && isEmpty(tablespaces)) {
            Files.delete(tablespaces);
        }
        control = copyControl(data, parts, user);
    }

    /** So that its outcome has an entry to stand at; who makes or expires backups just now does that, too. */
    private void enter(String label) {
        if (catalogue.entries().stream().anyMatch(entry -> entry.id().equals(label))) {
            return;
        }
        try (LockFile turn = catalogue.lock("restore of " + program.stanza())) {
            LOG.debug("entering what {} holds, under {}", place(), turn);
            catalogue.renew(info());
        } catch (OperatorException e) {
            LOG.debug("{}", e.getMessage());
        }
    }

    private void requireReachable(ServerUser user, Path data) {
        PgCommand test = PgCommand.of(Path.of("/usr/bin/test"), "-w", data.toString());
        if (!user.self()) {
            test.asUser(user.name());
        }
        if (test.attempt(program.work(), line -> {}).exit() != 0) {
            throw new OperatorException(
                    "user '" + user.name() + "', as whom pgBackRest reads its repository, cannot get into " + data,
                    "let others pass through the folders above it (chmod o+x).");
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            return !all.iterator().hasNext();
        }
    }

    private static Path copyControl(Path data, Path parts, ServerUser user) throws IOException {
        Path copy = parts.resolve("control/global/pg_control");
        Files.createDirectories(copy.getParent());
        Files.copy(data.resolve("global/pg_control"), copy);
        Path folder = parts.resolve("control");
        for (Path one : List.of(folder, folder.resolve("global"))) {
            user.giveAlone(one);
        }
        user.give(copy);
        return folder;
    }
}
