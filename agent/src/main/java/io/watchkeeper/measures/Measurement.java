package io.watchkeeper.measures;

/**
 * One figure of something.
 *
 * @param database as configured; empty for the host
 * @param metric what is measured, in the unit that its name ends in: {@code database_bytes}, {@code index_scans}
 * @param subject of which there may be several: a table, an index; empty for the database itself
 */
public record Measurement(String database, String metric, String subject, double value) {}
