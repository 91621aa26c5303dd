package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.toolkit.wal.WalArchive;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The archive's files as expiry sees them: by segment, each with what belongs to it. Histories of timelines always stay; they are small,
 * and every way through them may still be wanted.
 */
final class ArchiveExpiry {

    private static final String HASH = ".sha256";
    private static final int SEGMENT_NAME = 24;

    private final WalArchive archive;

    /** Everything that goes with a segment: itself, its beginning where there is one, and PostgreSQL's notes on backups in it. */
    private final Map<String, List<ArchivedFile>> files = new HashMap<>();

    private long bytesFreed;

    ArchiveExpiry(WalArchive archive) {
        this.archive = archive;
        for (ArchivedFile file : archive.files()) {
            // What is being received is not archived yet.
            boolean archived = archive.folder().equals(file.path().getParent());
            if (archived && file.kind() != ArchivedFile.Kind.HISTORY) {
                files.computeIfAbsent(file.name().substring(0, SEGMENT_NAME), name -> new ArrayList<>())
                        .add(file);
            }
        }
    }

    /** Each segment of which there is something, with the age of its newest part. */
    List<ExpirySituation.Segment> segments() {
        List<ExpirySituation.Segment> segments = new ArrayList<>();
        files.forEach((name, parts) -> {
            try {
                java.time.Instant newest = java.time.Instant.EPOCH;
                long bytes = 0;
                for (ArchivedFile part : parts) {
                    java.time.Instant at =
                            Files.getLastModifiedTime(part.path()).toInstant();
                    newest = at.isAfter(newest) ? at : newest;
                    bytes += part.bytes();
                }
                segments.add(new ExpirySituation.Segment(name, newest, bytes));
            } catch (NoSuchFileException e) {
                // A partial one that was completed since the folder was read.
            } catch (IOException e) {
                throw unreadable(e);
            }
        });
        return segments;
    }

    /**
     * Removes segments in the order given, each before its hash: a hash without a file says that something is missing only where older
     * segments are still there.
     *
     * @return the names of those removed
     */
    List<String> remove(List<String> oldestFirst, Work work) {
        List<String> removed = new ArrayList<>();
        for (String segment : oldestFirst) {
            work.throwIfCancelled();
            for (ArchivedFile part : files.getOrDefault(segment, List.of())) {
                try {
                    if (Files.deleteIfExists(part.path())) {
                        bytesFreed += part.bytes();
                    }
                    Files.deleteIfExists(part.hashFile());
                } catch (IOException e) {
                    throw new OperatorException(
                            part.path() + " cannot be removed: " + e.getMessage(),
                            "look at the rights on " + archive.folder()
                                    + "; write-once files (chattr +i) are kept on purpose.",
                            e);
                }
            }
            removed.add(segment);
        }
        removeLeftHashes();
        return removed;
    }

    long bytesFreed() {
        return bytesFreed;
    }

    /** Hashes of segments that went when the process died before these could go: they are older than all segments there are. */
    private void removeLeftHashes() {
        String oldest = archive.files().stream()
                .filter(file -> file.kind() == ArchivedFile.Kind.SEGMENT)
                .map(file -> file.name().substring(8))
                .min(String::compareTo)
                .orElse(null);
        if (oldest == null || !Files.isDirectory(archive.folder())) {
            return;
        }
        try (DirectoryStream<Path> hashes = Files.newDirectoryStream(archive.folder(), "*" + HASH)) {
            for (Path hash : hashes) {
                String name = String.valueOf(hash.getFileName());
                Path subject = hash.resolveSibling(name.substring(0, name.length() - HASH.length()));
                boolean ofSegment = name.matches("[0-9A-F]{24}\\..*");
                if (ofSegment && name.substring(8, SEGMENT_NAME).compareTo(oldest) < 0 && !Files.exists(subject)) {
                    Files.deleteIfExists(hash);
                }
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private OperatorException unreadable(IOException e) {
        return new OperatorException("the archive " + archive.folder() + " cannot be read: " + e.getMessage(), null, e);
    }
}
