package io.watchkeeper.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Reads the row a result stands on. */
@FunctionalInterface
public interface RowReader<T> {
    @Nullable
    T read(ResultSet row) throws SQLException;
}
