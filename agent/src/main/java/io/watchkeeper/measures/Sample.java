package io.watchkeeper.measures;

import java.time.Instant;

/** What a figure was at a moment. */
public record Sample(Instant at, double value) {}
