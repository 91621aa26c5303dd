package io.watchkeeper.toolkit.copy;

import java.util.List;

/**
 * What tells the rows of a merge apart.
 *
 * @param columns names as the catalogue holds them; empty for the target's primary key
 * @param createIndex whether a unique index over them is made on the target, where it has none
 */
public record MergeBy(List<String> columns, boolean createIndex) {

    public static final MergeBy PRIMARY_KEY = new MergeBy(List.of(), false);

    public MergeBy {
        columns = List.copyOf(columns);
    }

    public MergeBy withColumns(List<String> newColumns) {
        return new MergeBy(newColumns, createIndex);
    }

    public MergeBy withCreateIndex(boolean newCreateIndex) {
        return new MergeBy(columns, newCreateIndex);
    }
}
