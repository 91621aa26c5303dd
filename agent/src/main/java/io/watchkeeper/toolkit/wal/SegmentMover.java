package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what was received into the archive: compresses, encrypts, hashes, syncs and renames it, and only then removes it from where it
 * was received. Whenever the process dies, each segment is whole in one of the two places; what is in both is the same, which the next
 * one finds out.
 *
 * <p>The newest file stays with the receiver until there is a newer one: by it the receiver finds where to go on.
 */
final class SegmentMover {

    /** What the name of a file ends in that is being written. */
    static final String MAKING = ".making";

    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-r-----");

    private static final Logger LOG = LoggerFactory.getLogger(SegmentMover.class);

    /** How far a file has come, for tests that end the process there. */
    enum Stage {
        STORED,
        HASHED,
        NAMED,
        REMOVED
    }

    private final WalArchive archive;
    private final Incoming incoming;
    private final StoredForm form;
    private final String systemId;
    /** A segment is moved in less than a second: nobody has to interrupt it. */
    private final Work work = Work.unattended("watchkeeper wal archive");

    private final Consumer<Stage> passed;

    /** What this process has seen in the archive, so that it is not compared again and again. */
    private final Set<String> stored = new HashSet<>();

    SegmentMover(WalArchive archive, StoredForm form, ArchiveRecord record, Consumer<Stage> passed) {
        this.archive = archive;
        this.incoming = new Incoming(archive.incoming(), record.segmentSize());
        this.form = form;
        this.systemId = record.systemId();
        this.passed = passed;
    }

    /** Removes what a mover that died was writing. */
    synchronized void sweep() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(archive.folder(), "*" + MAKING + "*")) {
            for (Path one : left) {
                Files.deleteIfExists(one);
            }
        }
    }

    /**
     * Moves all that is complete.
     *
     * @return how many files came into the archive
     * @throws OperatorException when one of them is not what it should be, or cannot be written; the ones before it are moved
     */
    synchronized int move() {
        int moved = 0;
        try {
            List<Incoming.File> files = incoming.files();
            Optional<Incoming.File> newest = Incoming.newest(files);
            for (Path history : incoming.histories()) {
                moved += store(history, String.valueOf(history.getFileName()), null) ? 1 : 0;
            }
            for (Incoming.File file : files) {
                boolean last = newest.filter(file::equals).isPresent();
                moved += move(file, last) ? 1 : 0;
            }
        } catch (IOException e) {
            throw failed(e);
        }
        return moved;
    }

    private boolean move(Incoming.File file, boolean newest) throws IOException {
        boolean moved = false;
        if (file.partial()) {
            if (newest) {
                return false;
            }
            // Of a timeline that was left: as complete as it will ever be.
            moved = store(file.path(), file.segment().name() + Incoming.PARTIAL, file.segment());
        } else if (!file.placeholder()) {
            moved = store(file.path(), file.segment().name(), file.segment());
        }
        if (!newest) {
            incoming.remove(file);
            stored.remove(String.valueOf(file.path().getFileName()));
            passed.accept(Stage.REMOVED);
        }
        return moved;
    }

    /** Moves everything, the newest and what was received of a segment too, so that the receiver begins somewhere else. */
    synchronized void setAside() {
        try {
            for (Incoming.File file : incoming.files()) {
                move(file, false);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private OperatorException failed(IOException e) {
        return new OperatorException(
                "received log cannot be moved into the archive " + archive.folder() + ": " + e.getMessage(),
                "it stays in " + archive.incoming() + " until that works: look at free space and rights.",
                e);
    }

    /** @return whether it came into the archive just now */
    private boolean store(Path file, String name, @Nullable WalSegment segment) throws IOException {
        if (stored.contains(name)) {
            return false;
        }
        if (segment != null) {
            Optional<SegmentHeader> header = SegmentHeader.read(file);
            if (header.isEmpty() && name.endsWith(Incoming.PARTIAL)) {
                // Nothing was received of it.
                return false;
            }
            if (header.isEmpty()) {
                throw new OperatorException(
                        file + " is a whole segment, and its first page is empty",
                        "look at the disk. The server may have removed its own by now: move the file away, and make a base backup.");
            }
            header.get().require(segment, systemId, file);
        }
        String content = FileDigest.of(file);
        // A few lines that say where timelines part; whoever looks at the archive without the key must be able to
        // follow.
        StoredForm as = segment == null ? StoredForm.PLAIN : form;
        boolean isNew = !isThere(name, content);
        if (isNew) {
            write(file, name, content, as);
        }
        stored.add(name);
        return isNew;
    }

    /** Whether the archive has it already; a copy that is damaged is replaced by the good one that is here. */
    private boolean isThere(String name, String content) throws IOException {
        for (ArchivedFile one : archive.stored(name)) {
            StoredHash hash = StoredHash.read(one).orElse(null);
            if (hash == null) {
                throw new OperatorException(
                        one.path()
                                + " has no hash beside it, so that it cannot be told whether it is what was received",
                        "move it away: " + name + " is in " + archive.incoming() + " and is stored again.");
            }
            if (!hash.file().equals(FileDigest.of(one.path()))) {
                LOG.warn("{} was damaged, and is replaced by what was received", one.path());
                Files.delete(one.path());
                continue;
            }
            if (!content.equals(hash.content())) {
                throw new OperatorException(
                        one.path() + " is there already, with another content than the " + name
                                + " that was received just now",
                        "two clusters with one archive, or a cluster that was restored and goes on under its old timeline?"
                                + " Nothing was overwritten; the received one is in " + archive.incoming() + ".");
            }
            // Whoever put it there may have died before its name was on disk.
            DurableFile.sync(archive.folder());
            return true;
        }
        return false;
    }

    private void write(Path file, String name, String content, StoredForm as) throws IOException {
        Path target = archive.folder().resolve(name + as.suffix());
        Path making = through(file, target, as.stages());
        Files.setLastModifiedTime(making, Files.getLastModifiedTime(file));
        FolderOwner.give(making);
        DurableFile.sync(making);
        passed.accept(Stage.STORED);
        // The hash first: a segment that is there without one would look damaged, and a hash without its segment is
        // written again.
        Path hash = target.resolveSibling(target.getFileName() + StoredHash.SUFFIX);
        DurableFile.write(
                hash, new StoredHash(FileDigest.of(making), content).text(String.valueOf(target.getFileName()), name));
        FolderOwner.give(hash);
        passed.accept(Stage.HASHED);
        Files.move(making, target, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.sync(archive.folder());
        passed.accept(Stage.NAMED);
    }

    /** The file as the stages have made it, one after the other. */
    private Path through(Path file, Path target, List<Supplier<PgCommand>> stages) throws IOException {
        Path input = file;
        for (int i = 0; i < stages.size(); i++) {
            Path output = made(target, i);
            stages.get(i).get().input(input).output(output).run(work);
            if (i > 0) {
                Files.delete(input);
            }
            input = output;
        }
        if (stages.isEmpty()) {
            Path output = made(target, 0);
            Files.copy(file, output, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(output, MODE);
            return output;
        }
        return input;
    }

    private static Path made(Path target, int stage) throws IOException {
        Path output = target.resolveSibling(target.getFileName() + MAKING + (stage == 0 ? "" : stage));
        Files.deleteIfExists(output);
        return Files.createFile(output, PosixFilePermissions.asFileAttribute(MODE));
    }
}
