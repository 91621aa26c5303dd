package io.watchkeeper.history;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The SQLite file {@code <state>/watchkeeper.db}. Several processes use it at once: write-ahead log, short transactions, no
 * exclusive locks. One connection writes, another reads, so that readers never wait for a writer.
 */
final class HistoryFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HistoryFile.class);

    static final String NAME = "watchkeeper.db";

    /** How long one process waits for another one's transaction. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The write-ahead log is cut back to this after a burst. */
    private static final int LOG_FILE_LIMIT = 16 * 1024 * 1024;

    /** What happens in a transaction. Has a result, and no effect but on the store: it may be tried twice. */
    @FunctionalInterface
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** A change that has nothing to tell. */
    @FunctionalInterface
    interface Change {
        void in(Connection connection) throws SQLException;
    }

    private final Path file;
    private final @Nullable SharedWriter writer;
    private final Connection reader;
    private final ReentrantLock reading = new ReentrantLock();

    private HistoryFile(Path file, @Nullable SharedWriter writer, Connection reader) {
        this.file = file;
        this.writer = writer;
        this.reader = reader;
    }

    /** Creates or migrates the file where needed. @throws OperatorException when it is unusable */
    static HistoryFile open(Path state, Instant now) {
        Path file = state.resolve(NAME);
        createWithModes(state, file);
        Connection writer = null;
        try {
            writer = writerOf(file);
            HistorySchema.migrate(writer, file, now);
            return new HistoryFile(file, new SharedWriter(file, writer), readerOf(file));
        } catch (SQLException e) {
            closeQuietly(writer);
            throw StoreProblem.of(file, e);
        } catch (RuntimeException e) {
            closeQuietly(writer);
            throw e;
        }
    }

    /** Never creates, migrates or writes anything. @throws OperatorException when there is no file or it is unusable */
    static HistoryFile openForReading(Path state) {
        Path file = state.resolve(NAME);
        if (!Files.exists(file)) {
            throw new OperatorException(
                    "there is no history yet: " + file + " does not exist",
                    "it is made by the agent's first start, or by 'watchkeeper run'.");
        }
        Connection reader = null;
        try {
            reader = readerOf(file);
            HistorySchema.requireLatest(reader, file);
            return new HistoryFile(file, null, reader);
        } catch (SQLException e) {
            closeQuietly(reader);
            throw StoreProblem.of(file, e);
        } catch (RuntimeException e) {
            closeQuietly(reader);
            throw e;
        }
    }

    Path path() {
        return file;
    }

    boolean readOnly() {
        return writer == null;
    }

    /** Runs the work in a transaction that is on disk when this returns. @throws OperatorException when it is not */
    <T> T write(Work<T> work) {
        if (writer == null) {
            throw new OperatorException(file + " is open for reading only", null);
        }
        return writer.write(work);
    }

    /** As {@link #write}, for work without a result. */
    void change(Change change) {
        write(connection -> {
            change.in(connection);
            return true;
        });
    }

    /** Runs the work on one unchanging view of the store. */
    <T> T read(Work<T> work) {
        reading.lock();
        try (Statement statement = reader.createStatement()) {
            statement.execute("begin");
            try {
                T result = work.in(reader);
                statement.execute("commit");
                return result;
            } catch (SQLException | RuntimeException e) {
                rollBack(reader);
                throw e;
            }
        } catch (SQLException e) {
            throw StoreProblem.of(file, e);
        } finally {
            reading.unlock();
        }
    }

    /** What SQLite's check of the whole file finds first; empty when all is well. */
    Optional<String> damage() {
        try {
            return read(connection -> {
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("pragma quick_check(1)")) {
                    String said = row.next() ? row.getString(1) : "no answer";
                    return "ok".equals(said) ? Optional.empty() : Optional.of(said);
                }
            });
        } catch (OperatorException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** SQLite has already rolled back by itself after some errors (disk full); saying it twice is not worth an exception. */
    static void rollBack(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("rollback");
        } catch (SQLException e) {
            return;
        }
    }

    @Override
    public void close() {
        reading.lock();
        try {
            closeQuietly(reader);
            closeQuietly(writer);
        } finally {
            reading.unlock();
        }
    }

    private static Connection writerOf(Path file) throws SQLException {
        SQLiteConfig config = config();
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setJournalSizeLimit(LOG_FILE_LIMIT);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            switchToWriteAheadLog(connection);
            return connection;
        } catch (SQLException | RuntimeException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    private static Connection readerOf(Path file) throws SQLException {
        SQLiteConfig config = config();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout((int) PATIENCE.toMillis());
        config.enforceForeignKeys(true);
        return config;
    }

    /** SQLite does not wait by itself when two processes make this switch at once on a new file. */
    private static void switchToWriteAheadLog(Connection connection) throws SQLException {
        long started = System.nanoTime();
        while (true) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("pragma journal_mode = wal");
                return;
            } catch (SQLiteException e) {
                boolean busy = (e.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
                if (!busy || System.nanoTime() - started > PATIENCE.toNanos()) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    /**
     * The file belongs to whoever owns the state directory, also when root made it with a command before the agent ever
     * started; SQLite gives its two companions the same owner and mode.
     */
    private static void createWithModes(Path state, Path file) {
        try {
            Files.createDirectories(state);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            PosixFileAttributes folder = Files.readAttributes(state, PosixFileAttributes.class);
            PosixFileAttributes made = Files.readAttributes(file, PosixFileAttributes.class);
            PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            if (!made.owner().equals(folder.owner())) {
                view.setOwner(folder.owner());
                view.setGroup(folder.group());
            }
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (IOException e) {
            throw new OperatorException(
                    "cannot create " + file + ": " + e.getMessage(),
                    "the state directory must exist, be writable for this user and have free space: ls -ld " + state
                            + "; df -h " + state,
                    e);
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (Exception e) {
                LOG.debug("not closed properly", e);
            }
        }
    }
}
