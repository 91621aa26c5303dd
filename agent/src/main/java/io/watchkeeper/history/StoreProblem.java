package io.watchkeeper.history;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Says what is wrong with the store, in words an operator can act on. */
final class StoreProblem {

    /** With less free space than this an input/output error of SQLite means a full disk. */
    private static final long NEXT_TO_NOTHING = 64 * 1024;

    private StoreProblem() {}

    static OperatorException of(Path file, SQLException e) {
        return switch (codeOf(e)) {
            case SQLITE_FULL -> full(file, e);
            case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(file, e);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                new OperatorException(
                        "another process held " + file + " too long: " + e.getMessage(),
                        "see which one: fuser -v " + file + " (an open transaction in sqlite3 blocks the agent).",
                        e);
            case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM ->
                new OperatorException(
                        "cannot use " + file + ": " + e.getMessage(),
                        "work as the user that owns it: ls -l " + file + "*",
                        e);
            case SQLITE_IOERR ->
                diskIsFull(file)
                        ? full(file, e)
                        : new OperatorException(
                                "reading or writing " + file + " failed: " + e.getMessage(),
                                "look for errors of the disk in the kernel's log: journalctl -k",
                                e);
            default -> new OperatorException("the history in " + file + " failed: " + e.getMessage(), null, e);
        };
    }

    /** Whether somebody else held the store for longer than is waited for. */
    static boolean isBusy(Exception e) {
        return e instanceof SQLException sql && codeOf(sql) == SQLiteErrorCode.SQLITE_BUSY;
    }

    /** The primary code; extended ones refine it in their upper bits. */
    private static SQLiteErrorCode codeOf(SQLException e) {
        int code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code : e.getErrorCode();
        return SQLiteErrorCode.getErrorCode(code & 0xff);
    }

    private static OperatorException full(Path file, SQLException e) {
        return new OperatorException(
                "the disk under " + file + " is full", "free some space: df -h " + file.getParent(), e);
    }

    static OperatorException damaged(Path file, Exception e) {
        return new OperatorException(
                file + " is damaged: " + e.getMessage(),
                "stop the agent and move the file aside with its companions: for f in " + file
                        + "*; do mv \"$f\" \"$f.damaged\"; done. The next start begins an empty history; sqlite3's .recover "
                        + "may save old runs from the damaged file.",
                e);
    }

    private static boolean diskIsFull(Path file) {
        try {
            return Files.getFileStore(file).getUsableSpace() < NEXT_TO_NOTHING;
        } catch (IOException e) {
            return false;
        }
    }
}
