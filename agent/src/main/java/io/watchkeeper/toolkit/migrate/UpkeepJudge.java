package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.migrate.Judgement.RowWork;
import java.util.Locale;

/** Judges statements that keep tables and indexes in order, or lock them, and change nothing that anybody reads. */
final class UpkeepJudge {

    private UpkeepJudge() {}

    /** @param verb the statement's first word, which the words still begin with */
    static Judgement judge(String verb, Words words) {
        return switch (verb) {
            case "reindex" -> reindex(words);
            case "refresh" -> refresh(words);
            case "lock" -> lock(words);
            default -> vacuum(verb, words);
        };
    }

    private static Judgement vacuum(String verb, Words words) {
        words.accept(verb);
        boolean full = verb.equals("cluster")
                || words.rest().stream()
                        .anyMatch(token -> token.isName() && token.text().equalsIgnoreCase("full"));
        words.accept("full");
        words.parenthesis();
        Judgement kept = Judgement.of(
                full ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.SHARE_UPDATE_EXCLUSIVE, words.table(), Phase.MIGRATE);
        return full
                ? kept.doing(RowWork.REWRITE)
                        .against(
                                "rewrite",
                                "the whole table is written anew while nobody can read it",
                                "use the verb reindex with repack, or vacuum with a limit on how long it locks")
                : kept;
    }

    private static Judgement reindex(Words words) {
        boolean concurrently = words.restHas("concurrently");
        Judgement built = Judgement.of(
                concurrently ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE, null, Phase.MIGRATE);
        return concurrently
                ? built
                : built.alwaysAgainst(
                        "index-concurrently",
                        "nobody can use the index while it is built",
                        "REINDEX … CONCURRENTLY, or the verb reindex");
    }

    private static Judgement refresh(Words words) {
        words.accept("refresh", "materialized", "view");
        boolean concurrently = words.accept("concurrently");
        Judgement filled = Judgement.of(
                        concurrently ? LockLevel.EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE, words.table(), Phase.MIGRATE)
                .doing(RowWork.REWRITE);
        return concurrently
                ? filled
                : filled.against(
                        "refresh-concurrently",
                        "nobody can read the view while it is filled",
                        "REFRESH MATERIALIZED VIEW CONCURRENTLY");
    }

    private static Judgement lock(Words words) {
        words.accept("lock");
        words.accept("table");
        TableName table = words.table();
        String mode = words.restText();
        LockLevel level = LockLevel.ACCESS_EXCLUSIVE;
        for (LockLevel one : LockLevel.values()) {
            if (mode.contains("in " + one.toString().toLowerCase(Locale.ROOT) + " mode")) {
                level = one;
            }
        }
        return Judgement.of(level, table, Phase.EXPAND)
                .against(
                        "lock-table",
                        "the lock is kept until the script's end",
                        "let each statement take the lock that it needs");
    }
}
