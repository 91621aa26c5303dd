package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What streaming asks of polling, before it takes tables over and when it gives them back. */
public interface Polling {

    /**
     * Makes the target's table equal to what a snapshot of the source shows.
     *
     * @param snapshot a name that another session of the source exported, and keeps alive meanwhile
     * @return how many rows were written or deleted
     */
    long lastRound(TableName table, String snapshot) throws SQLException;

    /**
     * Keeps others from polling the tables until the target's open transaction ends.
     *
     * @return the tables that somebody else has polled since their {@link #lastRound}
     */
    List<TableName> holdAfterLastRound(Session target, List<TableName> tables) throws SQLException;

    /**
     * Lets polling of a table go on from a mark of the source, in the target's open transaction. The target has everything that
     * the mark's snapshot sees, and may have more.
     *
     * @param mark empty when nothing is known: the next round compares everything
     */
    void startFrom(Session target, TableName table, Optional<SourceMark> mark) throws SQLException;
}
