package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** Log files of another host, or such as only the server may read: it is asked for them, piece by piece. */
record ServerLogFolder(Session session, String folder, Pattern names) implements LogFolder {

    @Override
    public List<LogFile> files() throws SQLException {
        return session
                .list(
                        "select name, size, modification from pg_ls_logdir()",
                        row -> new LogFile(
                                row.getString(1),
                                row.getLong(2),
                                row.getTimestamp(3).toInstant()))
                .stream()
                .filter(file -> names.matcher(file.name()).matches())
                .toList();
    }

    @Override
    public byte[] read(LogFile file, long offset, int length) throws SQLException {
        return session.one(
                "select coalesce(pg_read_binary_file(?, ?, ?, true), '')",
                row -> Objects.requireNonNullElse(row.getBytes(1), new byte[0]),
                folder + "/" + file.name(),
                offset,
                (long) length);
    }

    @Override
    public String words() {
        return folder + " of the server";
    }
}
