package io.watchkeeper.runbook;

import org.jspecify.annotations.Nullable;

/**
 * A value a run may be given.
 *
 * @param defaultValue null when the caller must give one
 */
public record Parameter(String name, @Nullable String defaultValue) {}
