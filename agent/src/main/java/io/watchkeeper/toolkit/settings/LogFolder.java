package io.watchkeeper.toolkit.settings;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** Where a server's log is read from: this host's file system, or the server itself. */
interface LogFolder {

    /** The log's files, in no order. */
    List<LogFile> files() throws IOException, SQLException;

    /** At most so many bytes from a place on; fewer at the end of the file, none when it is gone. */
    byte[] read(LogFile file, long offset, int length) throws IOException, SQLException;

    /** As people say it: {@code /var/log/postgresql}. */
    String words();
}
