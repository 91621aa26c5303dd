package io.watchkeeper.postgres;

import java.sql.SQLException;

/** Something done with a connection. */
@FunctionalInterface
public interface SqlCall<T> {
    T run() throws SQLException;
}
