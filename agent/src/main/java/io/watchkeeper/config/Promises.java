package io.watchkeeper.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is promised of databases.
 *
 * @param every how often it is looked whether it is kept
 * @param databases by name, in the order of the file; empty where the agent looks by itself at none
 */
public record Promises(Duration every, Map<String, Promise> databases) {
    public Promises {
        databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
    }
}
