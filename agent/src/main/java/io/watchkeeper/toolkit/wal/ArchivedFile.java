package io.watchkeeper.toolkit.wal;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of the archive.
 *
 * @param name as the server calls it, without what was done to it: {@code 000000010000000000000005}, {@code 00000002.history}
 * @param compression the suffix of what compressed it, such as {@code .gz}; empty for none
 * @param bytes in the archive
 */
public record ArchivedFile(Kind kind, String name, String compression, boolean encrypted, Path path, long bytes) {

    /** What a file of the archive holds. */
    public enum Kind {
        SEGMENT,
        /** The beginning of a segment: one that is being received, or the last of a timeline that was left. */
        PARTIAL,
        HISTORY,
        /** PostgreSQL's note on a base backup. */
        BACKUP_NOTE
    }

    private static final Pattern FORM = Pattern.compile(
            "([0-9A-F]{24}|[0-9A-F]{8}\\.history|[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup)(\\.partial)?(\\.gz|\\.zst|\\.lz4)?(\\.age)?(\\.partial)?");

    /** What a file's name says of it; empty for what is none of the archive's, such as side files and unfinished ones. */
    static Optional<ArchivedFile> of(Path path, long bytes) {
        Matcher m = FORM.matcher(String.valueOf(path.getFileName()));
        if (!m.matches()) {
            return Optional.empty();
        }
        boolean partial = m.group(2) != null || m.group(5) != null;
        String name = m.group(1);
        Kind kind = name.endsWith(".history")
                ? Kind.HISTORY
                : name.endsWith(".backup") ? Kind.BACKUP_NOTE : partial ? Kind.PARTIAL : Kind.SEGMENT;
        return Optional.of(
                new ArchivedFile(kind, name, m.group(3) == null ? "" : m.group(3), m.group(4) != null, path, bytes));
    }

    /** Where its hash is, in the form of {@code sha256sum}. */
    public Path hashFile() {
        return path.resolveSibling(path.getFileName() + ".sha256");
    }

    /** The segment it holds, whole or in part. */
    public Optional<WalSegment> segment(long size) {
        return kind == Kind.SEGMENT || kind == Kind.PARTIAL ? WalSegment.parse(name, size) : Optional.empty();
    }
}
