package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A server's pg_hba.conf on this host. It is replaced whole, and taken over only after the server itself has read it through: a file with
 * an error in it is put back as it was, because a server would not start with it.
 */
final class HbaFile {

    private static final int TENTHS_TO_RELOAD = 50;

    private static final String MAY_READ = "select has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT')"
            + " and has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE')";

    private static final String ERRORS = """
            select line_number, error from pg_hba_file_rules where error is not null order by line_number""";

    private final Session session;
    private final Path file;

    HbaFile(Session session, Path file) {
        this.session = session;
        this.file = file;
    }

    /**
     * Writes the block into the file, checks it and has it taken over; nothing happens when it is there.
     *
     * @return whether it was not there
     * @throws OperatorException when the file has an error before, or would have one; then it is as it was
     */
    boolean write(HbaBlock block) throws SQLException {
        return change(block::into, "the line for standby '" + block.standby() + "'");
    }

    /** @return whether there was one */
    boolean remove(HbaBlock block) throws SQLException {
        return change(block::outOf, "the file without standby '" + block.standby() + "'");
    }

    boolean has(HbaBlock block) {
        return block.isIn(read());
    }

    private boolean change(UnaryOperator<String> edit, String what) throws SQLException {
        // Agents of other hosts cannot write this file, those of this one may be several.
        session.query("select pg_advisory_lock(hashtext('watchkeeper pg_hba'))");
        try {
            String before = read();
            String after = edit.apply(before);
            if (before.equals(after)) {
                return false;
            }
            Optional<String> already = firstError();
            if (already.isPresent()) {
                throw new OperatorException(
                        file + " has an error already: " + already.get(),
                        "correct it first: as it is, the server would not take over any change of it.");
            }
            replace(after);
            Optional<String> error = firstError();
            if (error.isPresent()) {
                replace(before);
                throw new OperatorException(
                        "the server refuses " + what + ": " + error.get() + "; " + file + " is as it was",
                        "look at hbaFrom, role and sslMode; a line for TLS only needs ssl = on there.");
            }
            reload();
            return true;
        } finally {
            session.query("select pg_advisory_unlock(hashtext('watchkeeper pg_hba'))");
        }
    }

    /** As the server reads the file now, whatever it has taken over; empty, too, when the role may not ask. */
    private Optional<String> firstError() throws SQLException {
        boolean may = session.one(MAY_READ, row -> row.getBoolean(1));
        return may
                ? session.list(ERRORS, row -> "line " + row.getInt(1) + ": " + row.getString(2)).stream()
                        .findFirst()
                : Optional.empty();
    }

    private void reload() throws SQLException {
        String before = loaded();
        session.query("select pg_reload_conf()");
        for (int i = 0; i < TENTHS_TO_RELOAD && loaded().equals(before); i++) {
            session.query("select pg_sleep(0.1)");
        }
    }

    private String loaded() throws SQLException {
        return session.one("select pg_conf_load_time()::text", row -> row.getString(1));
    }

    private String read() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(),
                    "run this as the owner of the server's files or as root, or say hba propose.",
                    e);
        }
    }

    private void replace(String text) {
        try {
            OwnedFile.replace(file, text);
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be written: " + e,
                    "run this as the owner of the server's files or as root, or say hba propose.",
                    e);
        }
    }
}
