package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.migrate.Judgement.RowWork;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says what a statement of a migration locks, how much work it is, and what is dangerous about it. */
final class StatementJudge {

    private static final Set<String> RENAMED = Set.of("rename");

    private final Tables tables;
    private final SettingJudge settings;
    private final QueryJudge queries;

    /** @param lockTimeout that statements are given from outside */
    StatementJudge(Tables tables, Duration lockTimeout) {
        this.tables = tables;
        this.settings = new SettingJudge(lockTimeout);
        this.queries = new QueryJudge(tables);
    }

    /** Of the actions of an ALTER TABLE each by itself, of everything else one, and another for code that is hidden in it. */
    List<Judgement> judge(ScriptStatement statement) {
        if (statement.isCommand() || statement.isChangedByPsql()) {
            return List.of(PsqlJudge.judge(statement));
        }
        if (SettingJudge.isHidden(statement)) {
            return List.of(PsqlJudge.unseen(
                    "it sets something that may change where strings end, and with them statements",
                    "set with SET, by its name; set_config may set search_path, and what has a dot in its name"));
        }
        Words words = new Words(statement.tokens());
        if (words.accept("truncate")) {
            words.accept("table");
            boolean cascade = words.restHas("cascade");
            return words.parts().stream().map(one -> truncate(one, cascade)).toList();
        }
        if (words.accept("drop", "table") || words.accept("drop", "materialized", "view")) {
            return dropTables(words);
        }
        if (words.accept("alter", "table")) {
            words.accept("if", "exists");
            TableName table = words.table();
            return new AlterTableJudge(tables, table).judge(words);
        }
        Judgement judged = other(statement, words);
        return queries.hidesCode(statement.tokens().get(0).text(), new Words(statement.tokens()))
                ? List.of(judged, QueryJudge.code())
                : List.of(judged);
    }

    /** From now on a function of this name may be another one than PostgreSQL's. */
    void know(String function) {
        queries.know(function);
    }

    private Judgement other(ScriptStatement statement, Words words) {
        String first = statement.tokens().get(0).text();
        return switch (first) {
            case "create" -> create(words);
            case "drop" -> drop(words);
            case "alter" -> alter(words);
            case "delete" -> delete(words);
            case "update" -> update(words);
            case "insert", "merge" -> write(words);
            case "copy" -> Judgement.of(LockLevel.ROW_EXCLUSIVE, null, Phase.MIGRATE);
            case "vacuum", "cluster", "reindex", "refresh", "lock" -> UpkeepJudge.judge(first, words);
            case "set" -> settings.judge(words);
            case "select", "with", "values", "table" -> queries.query(statement.tokens());
            case "explain" ->
                statement.hasOption("analyze", "analyse")
                        ? QueryJudge.code()
                        : Judgement.of(LockLevel.NONE, null, Phase.EXPAND);
            case "revoke" -> Judgement.of(LockLevel.NONE, null, Phase.CONTRACT);
            case "comment" -> Judgement.of(LockLevel.SHARE_UPDATE_EXCLUSIVE, null, Phase.EXPAND);
            case "grant", "analyze", "savepoint", "release", "reset", "show", "notify", "import" ->
                Judgement.of(LockLevel.NONE, null, Phase.EXPAND);
            default -> QueryJudge.code();
        };
    }

    private Judgement create(Words words) {
        words.accept("create");
        words.accept("or", "replace");
        boolean unique = words.accept("unique");
        if (words.accept("index")) {
            return index(words, unique);
        }
        words.accept("constraint");
        if (words.accept("trigger")) {
            return Judgement.of(LockLevel.SHARE_ROW_EXCLUSIVE, after("on", words), Phase.EXPAND);
        }
        if (words.accept("policy") || words.accept("rule")) {
            return Judgement.of(LockLevel.ACCESS_EXCLUSIVE, after("on", words), Phase.EXPAND);
        }
        if (words.accept("statistics")) {
            return Judgement.of(LockLevel.SHARE_UPDATE_EXCLUSIVE, after("from", words), Phase.EXPAND);
        }
        words.acceptOneOf(Set.of("unlogged"));
        if (words.accept("table") && words.restHas("partition", "of")) {
            return Judgement.of(LockLevel.ACCESS_EXCLUSIVE, after("of", words), Phase.EXPAND);
        }
        return words.restHas("references")
                ? Judgement.of(LockLevel.SHARE_ROW_EXCLUSIVE, after("references", words), Phase.EXPAND)
                : Judgement.of(LockLevel.NONE, null, Phase.EXPAND);
    }

    private static Judgement index(Words words, boolean unique) {
        boolean concurrently = words.accept("concurrently");
        boolean only = words.restHas("on", "only");
        TableName table = after("on", words);
        if (concurrently) {
            return Judgement.of(LockLevel.SHARE_UPDATE_EXCLUSIVE, table, Phase.EXPAND)
                    .doing(RowWork.INDEX);
        }
        Judgement plain = Judgement.of(LockLevel.SHARE, table, Phase.EXPAND);
        return only
                ? plain
                : plain.doing(RowWork.INDEX)
                        .against(
                                "index-concurrently",
                                "nobody can write to the table while the index is built",
                                "CREATE " + (unique ? "UNIQUE " : "")
                                        + "INDEX CONCURRENTLY, in a script of its own without BEGIN and COMMIT");
    }

    private static Judgement drop(Words words) {
        words.accept("drop");
        if (words.accept("index")) {
            boolean concurrently = words.accept("concurrently");
            Judgement index = Judgement.of(
                    concurrently ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE, null, Phase.CONTRACT);
            return concurrently
                    ? index
                    : index.against(
                            "drop-index-concurrently",
                            "reads and writes of its table wait until everybody who uses it has ended",
                            "DROP INDEX CONCURRENTLY, in a script of its own without BEGIN and COMMIT");
        }
        boolean isRelation = words.sees("view") || words.sees("foreign", "table");
        return gone(isRelation ? LockLevel.ACCESS_EXCLUSIVE : LockLevel.NONE, null, words.restHas("cascade"));
    }

    /** One after the other: each is another table. */
    private static List<Judgement> dropTables(Words words) {
        words.accept("if", "exists");
        boolean cascade = words.restHas("cascade");
        return words.parts().stream()
                // What goes with a table that was just made may be older than it.
                .map(one -> gone(LockLevel.ACCESS_EXCLUSIVE, cascade ? null : one.table(), cascade))
                .toList();
    }

    private static Judgement gone(LockLevel lock, @Nullable TableName table, boolean cascade) {
        return Judgement.of(lock, table, Phase.CONTRACT)
                .alwaysAgainst(
                        "drop",
                        cascade ? "everything that depends on it goes with it" : "what is dropped is gone",
                        cascade
                                ? "name each thing that is to go, without CASCADE"
                                : "be sure that no program uses it any more");
    }

    private static Judgement alter(Words words) {
        words.accept("alter");
        boolean isIndex = words.accept("index");
        if (words.restHas("drop")) {
            return gone(LockLevel.NONE, null, words.restHas("cascade"));
        }
        return words.rest().stream().anyMatch(token -> RENAMED.stream().anyMatch(token::is))
                ? Judgement.of(isIndex ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.NONE, null, Phase.CONTRACT)
                        .alwaysAgainst(
                                "rename",
                                "programs that use the old name fail from this moment on",
                                "make the new one beside it, and drop the old one in a later contract")
                : Judgement.of(isIndex ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.NONE, null, Phase.EXPAND);
    }

    /** @param words one table, and perhaps options */
    private static Judgement truncate(Words words, boolean cascade) {
        return Judgement.of(LockLevel.ACCESS_EXCLUSIVE, cascade ? null : words.table(), Phase.CONTRACT)
                .alwaysAgainst("truncate", "all rows are gone", "be sure that nobody needs them");
    }

    private static Judgement delete(Words words) {
        words.accept("delete", "from");
        Judgement gone = Judgement.of(LockLevel.ROW_EXCLUSIVE, words.table(), Phase.CONTRACT);
        return words.restHas("where")
                ? gone
                : gone.alwaysAgainst("delete-without-where", "all rows are gone", "say which rows with WHERE");
    }

    private static Judgement update(Words words) {
        words.accept("update");
        Judgement filled = Judgement.of(LockLevel.ROW_EXCLUSIVE, words.table(), Phase.MIGRATE)
                .doing(RowWork.REWRITE);
        return filled.against(
                "update-in-one-go",
                words.restHas("where")
                        ? "as many rows as there are stay locked until all are written"
                        : "all rows stay locked until all are written, and the table grows to twice its size",
                "fill them in bounded batches with backfill");
    }

    private static Judgement write(Words words) {
        words.acceptOneOf(Set.of("insert", "merge"));
        words.accept("into");
        return Judgement.of(LockLevel.ROW_EXCLUSIVE, words.table(), Phase.MIGRATE);
    }

    private static @Nullable TableName after(String word, Words words) {
        List<ScriptStatement.Token> rest = words.rest();
        for (int i = 0; i < rest.size(); i++) {
            if (rest.get(i).is(word)) {
                return new Words(rest.subList(i + 1, rest.size())).table();
            }
        }
        return null;
    }
}
