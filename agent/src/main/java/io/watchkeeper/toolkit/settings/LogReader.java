package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.settings.LogPositions.Position;
import io.watchkeeper.toolkit.settings.LogPositions.Reading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads what is new in the files of a log, through rotation and truncation: a file is known by what it begins with, not by its name alone.
 * Whole lines only; the rest is left for the next time.
 */
final class LogReader {

    private static final int HEAD = 512;
    private static final int PIECE = 1 << 20;

    /** What is beyond it of one line is passed over. */
    private static final int LONGEST_LINE = 1 << 18;

    private final LogFolder folder;
    private final Work work;
    private final Map<String, Position> reached = new TreeMap<>();
    private final Map<String, byte[]> heads = new HashMap<>();
    private long bytes;
    private long skipped;

    LogReader(LogFolder folder, Work work) {
        this.folder = folder;
        this.work = work;
    }

    /** Of a file, what is to be read. */
    private record Part(LogFile file, long from, boolean fromLineStart) {
        long length() {
            return file.size() - from;
        }
    }

    /**
     * Reads what is new.
     *
     * @param before how far it was read the last time; empty for the first time
     * @param since on the first time, files that were not written to since then are passed over
     * @param budget bytes to read at most, of which the newest come first
     * @param parser takes the lines
     */
    void read(Optional<Reading> before, Instant since, long budget, LogParser parser) throws IOException, SQLException {
        List<LogFile> files = new ArrayList<>(folder.files());
        files.sort(Comparator.comparing(LogFile::modified).thenComparing(LogFile::name));
        List<Part> parts = new ArrayList<>();
        for (LogFile file : files) {
            if (before.isEmpty() && file.modified().isBefore(since)) {
                reached.put(file.name(), new Position(file.size(), headOfPassedOver(file)));
            } else {
                parts.add(new Part(file, start(file, before), true));
            }
        }
        for (Part part : within(budget, parts)) {
            work.throwIfCancelled();
            read(part, parser);
        }
    }

    /** The parts cut to the budget, oldest first; what is cut off is their beginning. */
    private List<Part> within(long budget, List<Part> parts) {
        List<Part> cut = new ArrayList<>();
        long left = budget;
        for (int i = parts.size() - 1; i >= 0; i--) {
            Part part = parts.get(i);
            long take = Math.min(left, part.length());
            skipped += part.length() - take;
            cut.add(
                    0,
                    take == part.length()
                            ? part
                            : new Part(part.file(), part.file().size() - take, false));
            left -= take;
        }
        return cut;
    }

    private long start(LogFile file, Optional<Reading> before) throws IOException, SQLException {
        if (before.isEmpty()) {
            return 0;
        }
        Map<String, Position> known = before.get().files();
        Position own = known.get(file.name());
        if (own != null && own.offset() == file.size()) {
            return own.offset();
        }
        if (own != null && own.offset() < file.size() && isSame(file, own)) {
            return own.offset();
        }
        // Another file under a known name, or a new name: perhaps a known file that was renamed.
        for (Map.Entry<String, Position> one : known.entrySet()) {
            Position other = one.getValue();
            boolean renamed = !other.head().isEmpty()
                    && !one.getKey().equals(file.name())
                    && other.offset() > 0
                    && other.offset() <= file.size()
                    && isSame(file, other);
            if (renamed) {
                return other.offset();
            }
        }
        return 0;
    }

    private boolean isSame(LogFile file, Position position) throws IOException, SQLException {
        return position.head().isEmpty() || position.head().equals(head(file, position.offset()));
    }

    /** So that it is known again when it is renamed or written over; empty for a file that may not be read, which nobody asked for. */
    private String headOfPassedOver(LogFile file) throws IOException, SQLException {
        work.throwIfCancelled();
        try {
            return file.size() == 0 ? "" : head(file, file.size());
        } catch (AccessDeniedException e) {
            return "";
        }
    }

    /** Of as much of its beginning as was there when it had been read so far. */
    private String head(LogFile file, long offset) throws IOException, SQLException {
        byte[] head = heads.get(file.name());
        if (head == null) {
            head = folder.read(file, 0, HEAD);
            heads.put(file.name(), head);
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(head, 0, (int) Math.min(head.length, offset));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read(Part part, LogParser parser) throws IOException, SQLException {
        long offset = part.from();
        long done = part.from();
        boolean dropping = !part.fromLineStart();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (offset < part.file().size()) {
            work.throwIfCancelled();
            byte[] piece = folder.read(
                    part.file(), offset, (int) Math.min(PIECE, part.file().size() - offset));
            if (piece.length == 0) {
                break;
            }
            for (int i = 0; i < piece.length; i++) {
                if (piece[i] != '\n') {
                    if (line.size() < LONGEST_LINE) {
                        line.write(piece[i]);
                    }
                    continue;
                }
                if (!dropping) {
                    parser.line(text(line.toByteArray()));
                }
                dropping = false;
                line.reset();
                if (parser.isBetweenEntries()) {
                    done = offset + i + 1;
                }
            }
            offset += piece.length;
        }
        parser.end();
        bytes += offset - part.from();
        reached.put(part.file().name(), new Position(done, done == 0 ? "" : head(part.file(), done)));
    }

    /** Each database logs in its own encoding, into one file: what is no UTF-8 is read byte by byte, so that the English of it stays legible. */
    private static String text(byte[] line) {
        int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(line, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    /** How far each file was read. */
    Map<String, Position> reached() {
        return reached;
    }

    /** How many bytes were read. */
    long bytes() {
        return bytes;
    }

    /** How many bytes were passed over, because there were too many. */
    long skipped() {
        return skipped;
    }
}
