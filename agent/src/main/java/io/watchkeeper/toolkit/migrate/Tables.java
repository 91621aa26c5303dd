package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.TableName;
import java.util.Optional;

/** What the judgement of a statement needs to know about a database as it is. */
interface Tables {

    /** Bytes of the table with its partitions, without indexes; empty when there is no such table. */
    Optional<Long> size(TableName table);

    /** Whether anything that belongs to a person has this name, in whatever schema: a relation, function, type, schema, trigger, extension. */
    boolean isThere(String name);

    /** Its type as PostgreSQL writes it; empty when there is no such column. */
    Optional<String> columnType(TableName table, String column);

    /** Whether a validated CHECK says that the column is not null. */
    boolean isKnownNotNull(TableName table, String column);

    /** Whether a function of this name may give another value each time it is called. */
    boolean isVolatile(String function);

    /** Whether PostgreSQL itself brings functions of this name. */
    boolean isBuiltIn(String function);

    /** Whether PostgreSQL itself brings functions of this name, and all of them promise to change nothing. */
    boolean isBuiltInAndReadOnly(String function);
}
