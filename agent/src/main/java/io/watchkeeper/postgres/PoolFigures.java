package io.watchkeeper.postgres;

/**
 * How a database's pool is used at one moment.
 *
 * @param database the name in the configuration
 * @param active connections lent to sessions
 * @param idle connections kept for the next session
 * @param waiting pieces of work that wait for their turn
 * @param max the configured cap
 */
public record PoolFigures(String database, int active, int idle, int waiting, int max) {}
