package io.watchkeeper.toolkit.settings;

import java.time.Instant;

/**
 * A file of a server's log.
 *
 * @param name in its folder
 * @param size in bytes
 * @param modified when it was last written to
 */
record LogFile(String name, long size, Instant modified) {}
