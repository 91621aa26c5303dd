package io.watchkeeper.toolkit.settings;

import io.watchkeeper.units.Bytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A folder in which files that were compressed when they were rotated look as they did before: with their size and content of then, so that
 * they are known again. What cannot be read that way is passed over, and can be asked for afterwards.
 */
final class UnzippedLogFolder implements LogFolder {

    private static final String SUFFIX = ".gz";

    /** Reading the end of a file means unpacking all of it. */
    private static final Bytes LARGEST = Bytes.megabytes(256);

    private static final int PIECE = 1 << 18;
    private static final int TRAILER = 4;

    private final LogFolder folder;
    private final Instant since;
    private final Set<String> passedOver = new TreeSet<>();

    /** The one that is being read, from its beginning towards its end. */
    private @Nullable Unpacking current;

    /** @param since what was not written to since then is old news, and not missed when it is passed over */
    UnzippedLogFolder(LogFolder folder, Instant since) {
        this.folder = folder;
        this.since = since;
    }

    @Override
    public List<LogFile> files() throws IOException, SQLException {
        List<LogFile> all = folder.files();
        Set<String> names = all.stream().map(LogFile::name).collect(Collectors.toSet());
        List<LogFile> files = new ArrayList<>();
        for (LogFile file : all) {
            if (!isZipped(file)) {
                files.add(file);
            } else if (!names.contains(file.name().substring(0, file.name().length() - SUFFIX.length()))) {
                // Beside the file itself it is being written.
                long size = unpackedSize(file);
                if (size >= 0) {
                    files.add(new LogFile(file.name(), size, file.modified()));
                }
            }
        }
        return files;
    }

    private static boolean isZipped(LogFile file) {
        return file.name().endsWith(SUFFIX);
    }

    /** As its last bytes say. @return negative when it is passed over */
    private long unpackedSize(LogFile file) throws IOException, SQLException {
        if (file.size() > LARGEST.count()) {
            passOver(file, " (" + Bytes.of(file.size()) + " compressed; at most " + LARGEST + ")");
            return -1;
        }
        byte[] trailer = file.size() < TRAILER ? new byte[0] : folder.read(file, file.size() - TRAILER, TRAILER);
        if (trailer.length < TRAILER) {
            passOver(file, " (no whole gzip file)");
            return -1;
        }
        return Integer.toUnsignedLong(
                ByteBuffer.wrap(trailer).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    @Override
    public byte[] read(LogFile file, long offset, int length) throws IOException, SQLException {
        if (!isZipped(file)) {
            return folder.read(file, offset, length);
        }
        try {
            Unpacking unpacking = current;
            if (unpacking == null || !unpacking.name.equals(file.name()) || unpacking.at > offset) {
                unpacking = new Unpacking(file.name(), new Packed(file));
                current = unpacking;
            }
            unpacking.skipTo(offset);
            byte[] piece = unpacking.next(length);
            if (piece.length == length && offset + length == file.size() && unpacking.next(1).length > 0) {
                passOver(file, " (from where its last bytes say that it ends)");
            }
            return piece;
        } catch (ZipException | EOFException e) {
            passOver(file, " (no whole gzip file)");
            return new byte[0];
        } catch (UncheckedSqlException e) {
            throw e.cause;
        }
    }

    private void passOver(LogFile file, String why) {
        if (!file.modified().isBefore(since)) {
            passedOver.add(file.name() + why);
        }
    }

    /** What was not read, with the reason, in words. */
    Set<String> passedOver() {
        return passedOver;
    }

    @Override
    public String words() {
        return folder.words();
    }

    /** How far a file was unpacked. */
    private static final class Unpacking {
        private final String name;
        private final GZIPInputStream content;
        private long at;

        Unpacking(String name, InputStream packed) throws IOException {
            this.name = name;
            this.content = new GZIPInputStream(packed, PIECE);
        }

        void skipTo(long offset) throws IOException {
            while (at < offset && next((int) Math.min(PIECE, offset - at)).length > 0) {
                // Until it is there, or there is no more.
            }
        }

        byte[] next(int length) throws IOException {
            byte[] piece = new byte[length];
            int read = content.readNBytes(piece, 0, length);
            at += read;
            return Arrays.copyOf(piece, read);
        }
    }

    /** The bytes of a file as they are. */
    private final class Packed extends InputStream {
        private final LogFile file;
        private byte[] piece = new byte[0];
        private int next;
        private long offset;

        Packed(LogFile file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            return fill() ? piece[next++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int taken = Math.min(length, piece.length - next);
            System.arraycopy(piece, next, into, from, taken);
            next += taken;
            return taken;
        }

        /** After the last member of a gzip file its reader asks whether another one is there already. */
        @Override
        public int available() throws IOException {
            return fill() ? piece.length - next : 0;
        }

        private boolean fill() throws IOException {
            if (next < piece.length) {
                return true;
            }
            try {
                piece = folder.read(file, offset, PIECE);
            } catch (SQLException e) {
                throw new UncheckedSqlException(e);
            }
            offset += piece.length;
            next = 0;
            return piece.length > 0;
        }
    }

    /** Carries what the server says through a stream, which knows of files only. */
    private static final class UncheckedSqlException extends UncheckedIOException {
        private static final long serialVersionUID = 1;
        private final SQLException cause;

        UncheckedSqlException(SQLException cause) {
            super(new IOException(cause));
            this.cause = cause;
        }
    }
}
