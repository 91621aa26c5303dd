package io.watchkeeper.replicas;

import java.time.Instant;

/**
 * How far a replica was behind at one look.
 *
 * @param seconds negative when nobody knew
 * @param bytes not replayed; negative when nobody knew
 */
public record LagSample(Instant at, double seconds, long bytes) {}
