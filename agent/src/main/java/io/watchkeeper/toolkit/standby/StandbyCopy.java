package io.watchkeeper.toolkit.standby;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the primary by pg_basebackup into a folder beside the data directory, and puts it in its place when it is whole. If this process
 * dies before that, what there is of a copy is removed by the next run; the data directory is never half a copy.
 */
final class StandbyCopy {

    private static final Pattern PROGRESS = Pattern.compile("^\\s*(\\d+)/(\\d+) kB");
    private static final long KILOBYTE = 1 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(StandbyCopy.class);

    private final StandbyDraft draft;
    private final StandbyRecord record;
    private final StandbyHost host;
    private final PrimaryFacts facts;
    private final PrimaryAddress primary;
    private final Work work;

    StandbyCopy(StandbyDraft draft, StandbyHost host, PrimaryFacts facts, PrimaryAddress primary, Work work) {
        this.draft = draft;
        this.record = draft.record();
        this.host = host;
        this.facts = facts;
        this.primary = primary;
        this.work = work;
    }

    /** Makes it. @return how large it is */
    Bytes make() {
        Path incoming = record.incoming();
        try {
            discard();
            StandbyHost.requireEmpty(record.data());
            requireFolders(record.tablespaces(), true, facts.major());
            requireSpace();
            Files.createDirectory(incoming);
            host.user().giveAlone(incoming);
            for (String folder : record.tablespaces().values()) {
                if (!Files.isDirectory(Path.of(folder))) {
                    Files.createDirectory(Path.of(folder));
                    host.user().giveAlone(Path.of(folder));
                }
            }
            draft.record(is -> is.withUntouched(false));
            try {
                command(incoming).run(work, this::progress);
            } catch (RuntimeException e) {
                giveUp();
                throw e;
            }
            requireSignal(incoming);
            OwnedFile.secret(incoming.resolve(StandbyHost.MARK), record.token() + "\n", host.user());
            Bytes size = new Bytes(FolderTree.size(incoming));
            // Onto nothing or onto an empty folder; with anything in it the system refuses.
            Files.move(incoming, record.data(), StandardCopyOption.ATOMIC_MOVE);
            DurableFile.sync(record.folder());
            return size;
        } catch (IOException e) {
            throw new OperatorException(
                    "the copy cannot be put into " + record.data() + ": " + e,
                    "it must be on the same file system as its folder (not a mount point itself), and writable.",
                    e);
        } finally {
            work.progress(Progress.finished(record.name()));
        }
    }

    /** Removes what there is of a copy that was not finished. What is in the tablespaces' folders may else be another server's. */
    private void discard() throws IOException {
        FolderTree.delete(record.incoming());
        if (!draft.record().untouched()) {
            for (String folder : record.tablespaces().values()) {
                emptyTablespace(Path.of(folder), facts.major());
            }
            draft.record(is -> is.withUntouched(true));
        }
    }

    /** Until the next attempt somebody else may take the folders. */
    private void giveUp() {
        try {
            discard();
        } catch (IOException | RuntimeException e) {
            LOG.warn("what was copied for standby {} is left until the next attempt: {}", record.name(), e.toString());
        }
    }

    /**
     * @param tablespaces from where the primary has them to where they are here
     * @param untouched whether nothing was copied into them, which would be removed before the next copy
     * @throws OperatorException when there is anything in them that may be somebody else's
     */
    static void requireFolders(Map<String, String> tablespaces, boolean untouched, int major) {
        for (String folder : tablespaces.values()) {
            StandbyHost.requireTablespace(Path.of(folder), untouched ? null : own(major));
        }
    }

    private static String own(int major) {
        return "PG_" + major + "_";
    }

    /** A server's own folder in a tablespace's, PG_15_…; anything else is not ours. */
    static void emptyTablespace(Path folder, int major) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, own(major) + "*")) {
            for (Path one : all) {
                FolderTree.delete(one);
            }
        }
    }

    PgCommand command(Path incoming) {
        List<String> arguments = new ArrayList<>(List.of(
                "--pgdata=" + incoming,
                "--write-recovery-conf",
                "--slot=" + record.slot(),
                "--wal-method=stream",
                "--checkpoint=fast",
                "--progress",
                "--no-password",
                "--label=watchkeeper standby " + record.name()));
        record.tablespaces()
                .forEach((there, here) -> arguments.add(
                        "--tablespace-mapping=" + there.replace("=", "\\=") + "=" + here.replace("=", "\\=")));
        arguments.add("--dbname=" + primary.conninfo(record.role(), record.passFile(), record.name()));
        return host.command("pg_basebackup", arguments.toArray(new String[0])).endWithChildren();
    }

    private void progress(String line) {
        Matcher kilobytes = PROGRESS.matcher(line);
        if (kilobytes.find()) {
            work.progress(Progress.ofBytes(
                    record.name(),
                    "copying",
                    Long.parseLong(kilobytes.group(1)) * KILOBYTE,
                    Long.parseLong(kilobytes.group(2)) * KILOBYTE));
        }
    }

    private void requireSpace() {
        Optional<Bytes> free = FreeSpace.of(record.folder());
        if (free.isPresent() && free.get().count() < facts.bytes()) {
            throw new OperatorException(
                    "the primary's databases are " + new Bytes(facts.bytes()) + ", and " + record.folder() + " has "
                            + free.get() + " free",
                    "make room there, or name a folder on a larger disk.");
        }
    }

    private static void requireSignal(Path incoming) {
        if (!Files.exists(incoming.resolve("standby.signal"))) {
            throw new OperatorException(
                    "pg_basebackup has made no standby.signal", "use programs of version 12 or newer.");
        }
    }
}
