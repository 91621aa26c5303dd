package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.postgres.Lsn;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The receiver's own folder. What it finds there tells it where to go on, on all versions of PostgreSQL. */
record Incoming(Path folder, long segmentSize) {

    static final String PARTIAL = ".partial";

    /** Beside a segment that is none: it only makes the receiver begin after it. */
    static final String PLACEHOLDER = ".start";

    /** @param partial whether it is still being received @param placeholder whether there is nothing in it */
    record File(WalSegment segment, boolean partial, boolean placeholder, Path path) {

        /** Where a receiver goes on that finds this. */
        Lsn nextStart() {
            return partial ? segment.start() : segment.end();
        }
    }

    /** As the receiver compares them: the furthest, then the latest timeline, then the whole one. */
    private static final Comparator<File> BY_POSITION = Comparator.comparingLong(
                    (File file) -> file.segment().number())
            .thenComparingLong(file -> file.segment().timeline())
            .thenComparing(file -> !file.partial());

    /** Segments, oldest first. */
    List<File> files() {
        List<File> files = new ArrayList<>();
        for (Path path : list()) {
            String name = String.valueOf(path.getFileName());
            boolean partial = name.endsWith(PARTIAL);
            String segmentName = partial ? name.substring(0, name.length() - PARTIAL.length()) : name;
            WalSegment.parse(segmentName, segmentSize)
                    .ifPresent(segment -> files.add(
                            new File(segment, partial, !partial && Files.exists(placeholderMark(path)), path)));
        }
        files.sort(BY_POSITION);
        return files;
    }

    static Optional<File> newest(List<File> files) {
        return files.stream().max(BY_POSITION);
    }

    List<Path> histories() {
        return list().stream()
                .filter(path -> String.valueOf(path.getFileName()).matches("[0-9A-F]{8}\\.history"))
                .sorted()
                .toList();
    }

    /** Makes the receiver begin with this segment. The folder must hold no other. */
    void beginAt(WalSegment segment) throws IOException {
        WalSegment before = new WalSegment(segment.timeline(), segment.number() - 1, segment.size());
        Path file = folder.resolve(before.name());
        // The mark first: without it, what looks like a segment would be taken for one.
        DurableFile.write(placeholderMark(file), "not log, but where to go on\n");
        FolderOwner.give(placeholderMark(file));
        try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
            empty.setLength(segmentSize);
        }
        FolderOwner.give(file);
        DurableFile.sync(file);
        DurableFile.sync(folder);
    }

    /**
     * A receiver that was killed while it filled a new file with zeros left it shorter than a segment, which no receiver goes on with.
     * Nothing was received of it then.
     */
    void mendTorn() throws IOException {
        for (File file : files()) {
            long size = Files.size(file.path());
            if (file.partial() && size != 0 && size != segmentSize) {
                boolean hasLog = SegmentHeader.read(file.path()).isPresent();
                try (RandomAccessFile torn = new RandomAccessFile(file.path().toFile(), "rw")) {
                    torn.setLength(hasLog ? segmentSize : 0);
                }
                DurableFile.sync(file.path());
            }
        }
    }

    void remove(File file) throws IOException {
        Files.deleteIfExists(file.path());
        if (file.placeholder()) {
            Files.deleteIfExists(placeholderMark(file.path()));
        }
    }

    static Path placeholderMark(Path file) {
        return file.resolveSibling(file.getFileName() + PLACEHOLDER);
    }

    private List<Path> list() {
        List<Path> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
            files.forEach(all::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
