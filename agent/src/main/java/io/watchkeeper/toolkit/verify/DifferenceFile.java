package io.watchkeeper.toolkit.verify;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows that differ, in a file, so that memory does not depend on how many there are. The file comes into being with the first of
 * them.
 *
 * <p>What is written goes to the disk with {@link #sync}; whoever goes on after a crash cuts the file back to the length of the last
 * one.
 */
final class DifferenceFile implements AutoCloseable {

    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final StringBuilder buffer = new StringBuilder();
    private long length;
    private long lines;

    private DifferenceFile(Path file) {
        this.file = file;
    }

    /** Something that may read both servers. */
    interface Reading {
        void accept(List<Difference> differences) throws SQLException;
    }

    static DifferenceFile begin(Path file) {
        DifferenceFile made = new DifferenceFile(file);
        io(() -> Files.deleteIfExists(file));
        return made;
    }

    /** Goes on with a file of which only the beginning is sure. */
    static DifferenceFile goOn(Path file, long length, long lines) {
        DifferenceFile old = new DifferenceFile(file);
        if (length > 0) {
            io(() -> {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(length);
                }
                return true;
            });
        } else {
            io(() -> Files.deleteIfExists(file));
        }
        old.length = length;
        old.lines = lines;
        return old;
    }

    Path path() {
        return file;
    }

    /** How many were written. */
    long lines() {
        return lines;
    }

    void add(Difference difference) {
        List<String> values = new ArrayList<>(
                List.of(difference.kind().name(), Long.toString(difference.count()), difference.source()));
        values.addAll(difference.key());
        buffer.append(CsvLine.of(values));
        lines++;
        if (buffer.length() > BUFFER) {
            write(false);
        }
    }

    /** @return the file's length; so much of it is on the disk now */
    long sync() {
        write(true);
        return length;
    }

    private void write(boolean toDisk) {
        if (buffer.isEmpty()) {
            return;
        }
        byte[] bytes = buffer.toString().getBytes(StandardCharsets.UTF_8);
        buffer.setLength(0);
        io(() -> {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileOutputStream out = new FileOutputStream(file.toFile(), true)) {
                out.write(bytes);
                if (toDisk) {
                    out.getFD().sync();
                }
            }
            return true;
        });
        length += bytes.length;
    }

    /** Hands all out, so many at a time. */
    void read(int atOnce, Reading reading) throws SQLException {
        sync();
        if (lines == 0) {
            return;
        }
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            List<Difference> batch = new ArrayList<>();
            for (List<String> line = CsvLine.read(in); line != null; line = CsvLine.read(in)) {
                batch.add(new Difference(
                        DifferenceKind.valueOf(line.get(0)),
                        Long.parseLong(line.get(1)),
                        line.get(2),
                        line.subList(3, line.size())));
                if (batch.size() == atOnce) {
                    reading.accept(batch);
                    batch = new ArrayList<>();
                }
            }
            if (!batch.isEmpty()) {
                reading.accept(batch);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes them as people read them: a header, then kind and key; of rows without a key also how often. */
    void export(Path to, List<String> keyNames, boolean hasKey) throws SQLException {
        try (OutputStream out = Files.newOutputStream(to)) {
            List<String> header = new ArrayList<>(List.of("kind"));
            header.addAll(keyNames);
            if (!hasKey) {
                header.add("rows");
            }
            out.write(CsvLine.of(header).getBytes(StandardCharsets.UTF_8));
            read(1_000, differences -> {
                StringBuilder lines = new StringBuilder();
                for (Difference difference : differences) {
                    List<String> values =
                            new ArrayList<>(List.of(difference.kind().toString()));
                    values.addAll(difference.key());
                    if (!hasKey) {
                        values.add(Long.toString(difference.count()));
                    }
                    lines.append(CsvLine.of(values));
                }
                io(() -> {
                    out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
                    return true;
                });
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file goes. */
    @Override
    public void close() {
        io(() -> Files.deleteIfExists(file));
    }

    /** Something with files. */
    interface FileWork<T> {
        T run() throws IOException;
    }

    static <T> T io(FileWork<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
