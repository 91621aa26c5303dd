package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Knows which of the source's rows the target is not expected to have yet, because something brings them from time to time: rows
 * written since then are in flight, and no differences.
 */
@FunctionalInterface
public interface InFlight {

    /** Nothing is known to bring rows. */
    InFlight NONE = (source, target, from, to, relations) -> Map.of();

    /**
     * Conditions on rows that are on their way. Asked inside the views the rows are then read in, so that a position in the source's
     * log or among its transactions means the same.
     *
     * @param source in a transaction that reads only
     * @param target likewise
     * @param relations the source's table, or the partitions that hold its rows
     * @return by relation an SQL condition, which may use {@code xmin}; relations nothing is known of are left out
     */
    Map<TableName, String> writtenSince(
            Session source, Session target, TableName from, TableName to, List<TableName> relations)
            throws SQLException;

    /** Told in the transaction of a repair: what it writes is what the source has, and no edit of others. */
    default void repairs(Session target, TableName to) throws SQLException {}
}
