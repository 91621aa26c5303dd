package io.watchkeeper.http.page;

/**
 * How fast a run moved rows at a moment, all its tables together.
 *
 * @param second since it began to move any
 */
public record RateSample(double second, double rowsPerSecond, double bytesPerSecond) {}
