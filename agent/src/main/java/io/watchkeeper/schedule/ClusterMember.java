package io.watchkeeper.schedule;

import java.time.Duration;
import java.time.Instant;

/**
 * An agent of the cluster.
 *
 * @param agent unique; two agents that were given one host name stay two
 * @param seenAt its last check-in, by the database's clock
 * @param silence how long ago that was
 * @param alive whether it counts as living
 * @param clockAhead how far its host's clock is ahead of the database's; negative when behind
 */
public record ClusterMember(
        String agent,
        String host,
        String version,
        Instant seenAt,
        Duration silence,
        boolean alive,
        Duration clockAhead) {}
