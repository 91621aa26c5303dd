package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.TableName;
import org.jspecify.annotations.Nullable;

/**
 * What one statement, or one action of an ALTER TABLE, does.
 *
 * @param lock the strongest it takes on a table that others use
 * @param table whose; null when it concerns none, or none that can be told
 * @param work what it does with the table's rows while it has the lock
 * @param rule of the linter that it breaks; null for none
 * @param message what is wrong then, else empty
 * @param remedy what to write instead
 * @param always whether the rule holds for small tables too
 */
record Judgement(
        LockLevel lock,
        @Nullable TableName table,
        RowWork work,
        Phase phase,
        @Nullable String rule,
        String message,
        String remedy,
        boolean always) {

    /** What a statement does with all rows of a table. */
    enum RowWork {
        NONE,
        /** Reads them. */
        SCAN,
        /** Builds an index of them. */
        INDEX,
        /** Writes all of them, and all indexes, anew. */
        REWRITE
    }

    static Judgement of(LockLevel lock, @Nullable TableName table, Phase phase) {
        return new Judgement(lock, table, RowWork.NONE, phase, null, "", "", false);
    }

    Judgement doing(RowWork other) {
        return new Judgement(lock, table, other, phase, rule, message, remedy, always);
    }

    /** Breaks a rule that matters where the table is large. */
    Judgement against(String name, String says, String instead) {
        return new Judgement(lock, table, work, phase, name, says, instead, false);
    }

    /** Breaks a rule that matters everywhere. */
    Judgement alwaysAgainst(String name, String says, String instead) {
        return new Judgement(lock, table, work, phase, name, says, instead, true);
    }
}
