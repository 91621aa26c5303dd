package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.migrate.Judgement.RowWork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What each action of an {@code ALTER TABLE} does, as PostgreSQL's documentation lists it. */
final class AlterTableJudge {

    private static final Set<String> SERIALS = Set.of("serial", "bigserial", "smallserial", "serial8", "serial4");
    private static final Pattern TEXT_LIKE =
            Pattern.compile("(?:text|(?:character varying|varchar) ?(?:\\( ?(\\d+) ?\\))?)");

    private final Tables tables;
    private final @Nullable TableName table;

    AlterTableJudge(Tables tables, @Nullable TableName table) {
        this.tables = tables;
        this.table = table;
    }

    List<Judgement> judge(Words actions) {
        List<Judgement> judged = new ArrayList<>();
        for (Words action : actions.parts()) {
            judged.add(action(action));
        }
        return judged;
    }

    private Judgement action(Words words) {
        if (words.accept("add")) {
            return add(words);
        }
        if (words.accept("alter")) {
            words.accept("column");
            return column(words, words.name());
        }
        if (words.accept("drop")) {
            return drop(words);
        }
        if (words.accept("rename")) {
            return on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT)
                    .alwaysAgainst(
                            "rename",
                            "programs that use the old name fail from this moment on",
                            "add the new one, fill it, and drop the old one in a later contract");
        }
        if (words.accept("validate")) {
            return on(LockLevel.SHARE_UPDATE_EXCLUSIVE, Phase.MIGRATE).doing(RowWork.SCAN);
        }
        if (words.accept("attach")) {
            return on(LockLevel.SHARE_UPDATE_EXCLUSIVE, Phase.EXPAND);
        }
        if (words.accept("detach")) {
            return on(
                    words.restHas("concurrently") ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE,
                    Phase.CONTRACT);
        }
        if (words.sees("disable", "row") || words.sees("no", "force")) {
            return on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT);
        }
        if (words.acceptOneOf(Set.of("enable", "disable")) && words.restHas("trigger")) {
            return on(LockLevel.SHARE_ROW_EXCLUSIVE, Phase.EXPAND);
        }
        return words.accept("set") ? set(words) : on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND);
    }

    private Judgement set(Words words) {
        if (words.accept("tablespace")
                || words.accept("logged")
                || words.accept("unlogged")
                || words.accept("access")) {
            return rewrite("the whole table is written anew while nobody can read it");
        }
        if (words.accept("schema")) {
            return on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT)
                    .alwaysAgainst(
                            "rename",
                            "programs that use the old name fail from this moment on",
                            "leave a view of the old name behind, and drop it in a later contract");
        }
        return on(LockLevel.SHARE_UPDATE_EXCLUSIVE, Phase.EXPAND);
    }

    private Judgement add(Words words) {
        if (words.accept("constraint")) {
            words.name();
            return constraint(words);
        }
        if (words.sees("foreign")
                || words.sees("check")
                || words.sees("not", "null")
                || words.sees("unique")
                || words.sees("primary")
                || words.sees("exclude")) {
            return constraint(words);
        }
        words.accept("column");
        words.accept("if", "not", "exists");
        words.name();
        return newColumn(words);
    }

    private Judgement newColumn(Words words) {
        // Since PostgreSQL 18 a generated column that is not stored is worked out by whoever reads it.
        boolean isGenerated = words.restHas("generated") && (words.restHas("stored") || words.restHas("identity"));
        boolean isVolatile = words.restHas("default") && words.calls().stream().anyMatch(tables::isVolatile);
        if (isGenerated || isVolatile || SERIALS.stream().anyMatch(words::restHas)) {
            return rewrite(
                            "a value is worked out for every row: the whole table is written anew while nobody can read it")
                    .against(
                            "rewrite",
                            "every row gets a value of its own: the whole table is written anew while nobody can read it",
                            "add the column without it, set it as the default of new rows, and fill old rows with backfill");
        }
        if (words.restHas("not", "null") && !words.restHas("default")) {
            return on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND)
                    .alwaysAgainst(
                            "not-null-without-default",
                            "a NOT NULL column without a default cannot be added to a table that has rows",
                            "add it with a DEFAULT, or without NOT NULL: fill it with backfill, then add CHECK (… IS NOT NULL) NOT VALID,"
                                    + " VALIDATE it, and SET NOT NULL");
        }
        if (words.restHas("unique") || words.restHas("primary", "key")) {
            return uniqueBuilt();
        }
        if (words.restHas("references")) {
            return foreignKey();
        }
        return words.restHas("check") ? check() : on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND);
    }

    private Judgement constraint(Words words) {
        boolean later = words.restHas("not", "valid");
        if (words.sees("foreign")) {
            return later ? on(LockLevel.SHARE_ROW_EXCLUSIVE, Phase.EXPAND) : foreignKey();
        }
        if (words.sees("check") || words.sees("not", "null")) {
            return later ? on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND) : check();
        }
        return words.restHas("using", "index") ? on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND) : uniqueBuilt();
    }

    private Judgement foreignKey() {
        return on(LockLevel.SHARE_ROW_EXCLUSIVE, Phase.EXPAND)
                .doing(RowWork.SCAN)
                .against(
                        "foreign-key-not-valid",
                        "all rows are checked while nobody can write to either table",
                        "add it NOT VALID, and VALIDATE CONSTRAINT in a change of its own");
    }

    private Judgement check() {
        return on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND)
                .doing(RowWork.SCAN)
                .against(
                        "check-not-valid",
                        "all rows are checked while nobody can read the table",
                        "add it NOT VALID, and VALIDATE CONSTRAINT in a change of its own");
    }

    private Judgement uniqueBuilt() {
        return on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND)
                .doing(RowWork.INDEX)
                .against(
                        "unique-using-index",
                        "its index is built while nobody can read the table",
                        "CREATE UNIQUE INDEX CONCURRENTLY in a change of its own, then ADD CONSTRAINT … UNIQUE USING INDEX");
    }

    private Judgement column(Words words, String name) {
        if (words.accept("type") || words.accept("set", "data", "type")) {
            return type(words, name);
        }
        if (words.accept("set", "not", "null")) {
            boolean known = table != null && tables.isKnownNotNull(table, name);
            Judgement brief = on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT);
            return known
                    ? brief
                    : brief.doing(RowWork.SCAN)
                            .against(
                                    "set-not-null",
                                    "all rows are looked through while nobody can read the table",
                                    "first ADD CHECK (" + name
                                            + " IS NOT NULL) NOT VALID and VALIDATE it in a change of its own");
        }
        if (words.sees("set", "expression")) {
            return rewrite("every row gets its value anew: the whole table is written while nobody can read it");
        }
        return on(
                words.sees("set", "statistics") ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE,
                Phase.EXPAND);
    }

    private Judgement type(Words words, String column) {
        String wanted = words.restText();
        String present = table == null ? "" : tables.columnType(table, column).orElse("");
        if (onlyWidens(present, wanted)) {
            return on(LockLevel.ACCESS_EXCLUSIVE, Phase.EXPAND);
        }
        return rewrite("")
                .against(
                        "rewrite",
                        "another type writes the whole table anew while nobody can read it",
                        "add a column of the new type, fill it with backfill, and drop the old one in a later contract");
    }

    /** These differ only in how long a text may be. */
    private static boolean onlyWidens(String present, String wanted) {
        Matcher before = TEXT_LIKE.matcher(present.toLowerCase(Locale.ROOT));
        Matcher after = TEXT_LIKE.matcher(wanted);
        if (!before.matches() || !after.matches()) {
            return false;
        }
        return after.group(1) == null
                || (before.group(1) != null && Long.parseLong(after.group(1)) >= Long.parseLong(before.group(1)));
    }

    private Judgement drop(Words words) {
        if (words.accept("constraint")) {
            return on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT);
        }
        return on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT)
                .alwaysAgainst("drop", "the column's values are gone", "be sure that no program reads it any more");
    }

    private Judgement rewrite(String message) {
        return on(LockLevel.ACCESS_EXCLUSIVE, Phase.CONTRACT)
                .doing(RowWork.REWRITE)
                .against("rewrite", message, "do it in steps, or when nobody needs the table");
    }

    private Judgement on(LockLevel lock, Phase phase) {
        return Judgement.of(lock, table, phase);
    }
}
