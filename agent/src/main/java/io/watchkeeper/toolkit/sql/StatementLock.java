package io.watchkeeper.toolkit.sql;

import io.watchkeeper.postgres.LockLevel;
import java.util.Set;

/** The strongest table lock that a kind of statement takes, as the documentation lists them. */
final class StatementLock {

    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "merge", "copy");
    private static final Set<String> READS = Set.of("select", "table", "values", "explain", "show");
    private static final Set<String> TABLE_THINGS =
            Set.of("table", "index", "view", "materialized", "trigger", "policy", "rule", "foreign");

    private StatementLock() {}

    static LockLevel of(SqlStatement statement) {
        String kind = statement.kind();
        if (WRITES.contains(kind)) {
            return LockLevel.ROW_EXCLUSIVE;
        }
        if (kind.equals("with")) {
            return statement.words().stream().anyMatch(WRITES::contains)
                    ? LockLevel.ROW_EXCLUSIVE
                    : LockLevel.ACCESS_SHARE;
        }
        if (READS.contains(kind)) {
            return statement.words().contains("for") ? LockLevel.ROW_SHARE : LockLevel.ACCESS_SHARE;
        }
        boolean concurrently = statement.words().contains("concurrently");
        return switch (kind) {
            case "truncate", "cluster" -> LockLevel.ACCESS_EXCLUSIVE;
            case "vacuum" ->
                statement.words().contains("full") ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.SHARE_UPDATE_EXCLUSIVE;
            case "analyze" -> LockLevel.SHARE_UPDATE_EXCLUSIVE;
            case "reindex" -> concurrently ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE;
            case "refresh" -> concurrently ? LockLevel.EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE;
            case "drop" -> drop(statement, concurrently);
            case "alter" -> alter(statement);
            case "create" -> create(statement, concurrently);
            case "lock" -> lock(statement);
            case "comment" -> LockLevel.SHARE_UPDATE_EXCLUSIVE;
            default -> LockLevel.NONE;
        };
    }

    private static LockLevel drop(SqlStatement statement, boolean concurrently) {
        if (concurrently) {
            return LockLevel.SHARE_UPDATE_EXCLUSIVE;
        }
        return statement.words().size() > 1
                        && TABLE_THINGS.contains(statement.words().get(1))
                ? LockLevel.ACCESS_EXCLUSIVE
                : LockLevel.NONE;
    }

    private static LockLevel alter(SqlStatement statement) {
        if (!statement.startsWith("alter", "table") && !statement.startsWith("alter", "materialized")) {
            return statement.startsWith("alter", "index") ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.NONE;
        }
        boolean mild = statement.words().contains("validate")
                || statement.words().contains("statistics")
                || statement.words().contains("attach");
        boolean triggers = statement.words().contains("trigger");
        return mild
                ? LockLevel.SHARE_UPDATE_EXCLUSIVE
                : triggers ? LockLevel.SHARE_ROW_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE;
    }

    private static LockLevel create(SqlStatement statement, boolean concurrently) {
        if (statement.words().contains("trigger") && statement.words().contains("on")) {
            return LockLevel.SHARE_ROW_EXCLUSIVE;
        }
        if (statement.startsWith("create", "index") || statement.startsWith("create", "unique", "index")) {
            return concurrently ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.SHARE;
        }
        if (statement.startsWith("create", "statistics")) {
            return LockLevel.SHARE_UPDATE_EXCLUSIVE;
        }
        return statement.startsWith("create", "policy") || statement.startsWith("create", "rule")
                ? LockLevel.ACCESS_EXCLUSIVE
                : LockLevel.NONE;
    }

    private static LockLevel lock(SqlStatement statement) {
        String words = String.join(" ", statement.words()) + " ";
        LockLevel found = LockLevel.ACCESS_EXCLUSIVE;
        int longest = 0;
        for (LockLevel level : LockLevel.values()) {
            String name = level.toString().toLowerCase(java.util.Locale.ROOT);
            if (words.contains(" in " + name + " mode ") && name.length() > longest) {
                found = level;
                longest = name.length();
            }
        }
        return found;
    }
}
