package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs pg_basebackup, and reads what it writes at the same time: for the hashes of the manifest, for the comparison with what the server
 * sent, and to encrypt it.
 */
final class BaseBackupReception {

    private final Database database;
    private final Work work;
    private final PreparedBaseBackup prepared;
    private final Path folder;
    private final Duration silence;
    private final Map<Path, TarContents> tars = new HashMap<>();
    private final Map<String, String> encrypted = new TreeMap<>();

    /** @param folder the backup's, empty */
    BaseBackupReception(Database database, Work work, PreparedBaseBackup prepared, Path folder, Duration silence) {
        this.database = database;
        this.work = work;
        this.prepared = prepared;
        this.folder = folder;
        this.silence = silence;
    }

    /**
     * Receives it.
     *
     * @throws OperatorException when pg_basebackup fails, the link breaks, or a disk is full
     */
    ReceivedBaseBackup receive(String label) {
        Path received = folder.resolve(prepared.received());
        boolean stays = prepared.encryption() == null;
        // Of an encrypted backup only what is readable arrives; what is encrypted is written here, beside it.
        try (ArrivingFiles arriving =
                new ArrivingFiles(stays ? folder : received, this::isWrittenOutOfOrder, this::readers, stays)) {
            arriving.start();
            runTool(prepared.command(folder, label), arriving);
            work.throwIfCancelled();
            if (prepared.format() == BaseBackupFormat.PLAIN) {
                relink();
            }
            Map<String, FileSum> sums = arriving.finish();
            ServerManifest manifest = ServerManifest.read(received.resolve(ServerManifest.NAME));
            return new ReceivedBaseBackup(manifest, stored(sums), sent(sums));
        } catch (IOException e) {
            throw new OperatorException(
                    "the base backup of '" + database.name() + "' cannot be stored: " + e.getMessage(),
                    "look at the space and the health of the disk that holds " + folder.getParent() + ".",
                    e);
        }
    }

    private void runTool(PgCommand command, ArrivingFiles arriving) {
        command.connect(database.settings(), work.applicationName()).endWithChildren();
        try (RunningCommand running = command.start(line -> {});
                BaseBackupWatch watch = new BaseBackupWatch(database, work, running, arriving, silence).start()) {
            Work.Registration cancellation = work.onCancel(running::terminate);
            try {
                running.requireSuccess(work);
            } catch (OperatorException e) {
                work.throwIfCancelled();
                throw watch.gaveUp() == null ? e : Objects.requireNonNull(watch.gaveUp());
            } finally {
                cancellation.close();
            }
        }
    }

    /** The log is received by a process of its own, into files that are made at full length and then filled. */
    private boolean isWrittenOutOfOrder(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith("pg_wal.tar")
                || name.startsWith(ServerManifest.NAME)
                || (prepared.format() == BaseBackupFormat.PLAIN && file.startsWith("data/pg_wal"));
    }

    private List<OutputStream> readers(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        List<OutputStream> readers = new ArrayList<>();
        if (prepared.format() == BaseBackupFormat.PLAIN || !name.contains(".tar")) {
            return readers;
        }
        if (prepared.plan().verify() && !name.startsWith("pg_wal.")) {
            TarContents contents = new TarContents();
            tars.put(file, contents);
            Compression compression = Compression.ofName(name);
            readers.add(
                    compression == Compression.NONE
                            ? contents
                            : new ThroughProgram(compression.decompress(), contents));
        }
        Encryption encryption = prepared.encryption();
        if (encryption != null) {
            String stored = name + Encryption.SUFFIX;
            readers.add(new ThroughProgram(
                    encryption.encrypt(),
                    new HashingFile(folder.resolve(stored), hash -> encrypted.put(stored, hash))));
        }
        return readers;
    }

    /**
     * The links to tablespaces that pg_basebackup made name the folder by its name of now, and they would lead a copy of the data
     * directory that is started into the backup. Relative ones lead such a copy nowhere, and go with the backup wherever it goes.
     */
    private void relink() throws IOException {
        for (BackedUpServer.Tablespace one : prepared.server().tablespaces()) {
            Path link = folder.resolve(prepared.received()).resolve("pg_tblspc").resolve(String.valueOf(one.oid()));
            if (Files.isSymbolicLink(link)) {
                Files.delete(link);
                Files.createSymbolicLink(
                        link, Path.of("..", "..", PreparedBaseBackup.TABLESPACES, String.valueOf(one.oid())));
            }
        }
    }

    private Map<String, String> stored(Map<String, FileSum> sums) {
        if (prepared.encryption() != null) {
            return encrypted;
        }
        Map<String, String> stored = new TreeMap<>();
        sums.forEach((path, sum) -> stored.put(path, sum.sha256()));
        return stored;
    }

    private Map<String, FileSum> sent(Map<String, FileSum> sums) throws IOException {
        Map<String, FileSum> sent = new TreeMap<>();
        if (prepared.format() == BaseBackupFormat.PLAIN) {
            sums.forEach((path, sum) -> sent.put(serversPath(path), sum));
            return sent;
        }
        for (Map.Entry<Path, TarContents> tar : tars.entrySet()) {
            tar.getValue().requireEnd();
            String name = String.valueOf(tar.getKey().getFileName());
            String prefix = name.startsWith("base.") ? "" : "pg_tblspc/" + name.replaceFirst("\\..*", "") + "/";
            tar.getValue().members().forEach((path, sum) -> sent.put(prefix + path, sum));
        }
        return sent;
    }

    private static String serversPath(String path) {
        return path.startsWith("data/")
                ? path.substring("data/".length())
                : path.replaceFirst("^" + PreparedBaseBackup.TABLESPACES + "/", "pg_tblspc/");
    }

    /**
     * What was only needed on the way goes: of an encrypted backup everything that can be read but PostgreSQL's manifest, which holds
     * names, sizes and checksums, and which the next incremental backup needs.
     */
    static void discardReadable(Path folder, @Nullable Encryption encryption, String received) throws IOException {
        if (encryption == null) {
            return;
        }
        Path readable = folder.resolve(received);
        Files.move(readable.resolve(ServerManifest.NAME), folder.resolve(ServerManifest.NAME));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(readable)) {
            for (Path one : left) {
                FolderTree.delete(one);
            }
        }
        Files.delete(readable);
    }
}
