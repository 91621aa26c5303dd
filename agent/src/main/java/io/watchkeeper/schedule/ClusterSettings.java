package io.watchkeeper.schedule;

import io.watchkeeper.postgres.DatabaseSettings;
import java.time.Duration;

/**
 * How an agent belongs to a cluster.
 *
 * @param host this host's name, as other agents show it
 * @param version of this program
 * @param database holds the job store; reached by connections beside those of runbooks, so that a long copy never keeps an agent
 *     from checking in
 * @param takeOver an agent that was not heard of for so long is taken for dead
 */
public record ClusterSettings(String host, String version, DatabaseSettings database, Duration takeOver) {

    /** One for checking in, one for Quartz's scheduler, its own check-in and what it has fired. */
    private static final int CONNECTIONS = 4;

    private static final int CHECK_INS_PER_TAKE_OVER = 6;

    public ClusterSettings {
        database = database.withMaxConnections(CONNECTIONS);
    }

    Duration checkIn() {
        return takeOver.dividedBy(CHECK_INS_PER_TAKE_OVER);
    }

    /**
     * How long after its last check-in an agent may go on with its runs. Shorter than {@link #takeOver} by what stopping them
     * takes, so that the one who takes them over finds nobody at work.
     */
    Duration lease() {
        return takeOver.multipliedBy(2).dividedBy(3);
    }
}
