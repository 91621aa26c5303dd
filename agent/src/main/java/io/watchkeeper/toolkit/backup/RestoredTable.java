package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.TableName;

/**
 * A table that was restored.
 *
 * @param rows it has now
 * @param verified whether they are the same as when they were dumped; false also where that is not known
 */
public record RestoredTable(TableName table, long rows, boolean verified) {}
