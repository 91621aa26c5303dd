package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a table that is copied in a transaction of its own.
 *
 * @param number counts from 1 within a copy
 * @param relation the table or partition it is read from
 * @param from where it begins: values of the key, which belong to the chunk before, or the first page; null for the beginning
 * @param to where it ends: values of the key, which still belong to it, or the first page that does not; null for the end
 */
public record Chunk(
        int number,
        TableName relation,
        @Nullable List<String> from,
        @Nullable List<String> to) {

    public Chunk ending(@Nullable List<String> newEnd) {
        return new Chunk(number, relation, from, newEnd);
    }
}
