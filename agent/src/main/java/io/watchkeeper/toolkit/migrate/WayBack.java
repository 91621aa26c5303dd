package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.migrate.MigrationFinding.Severity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges the script that takes a change back as part of deploying it: when a later change fails it is run at once, and nobody is asked
 * again. It is refused for what nothing allows, and two people agree to it where it takes away more than what its own change has made.
 */
final class WayBack {

    /** Two people agree to a change that breaks it. */
    static final String RULE = "revert-takes-away";

    /** What may stand between CREATE or DROP and a name. */
    private static final Set<String> BEFORE_NAME = Set.of(
            "or",
            "replace",
            "unlogged",
            "unique",
            "recursive",
            "materialized",
            "foreign",
            "constraint",
            "table",
            "index",
            "view",
            "sequence",
            "function",
            "procedure",
            "aggregate",
            "type",
            "domain",
            "schema",
            "extension",
            "trigger",
            "rule",
            "policy",
            "statistics",
            "concurrently",
            "if",
            "not",
            "exists");

    private final Tables tables;
    private final StatementJudge statements;
    private final Set<String> made = new HashSet<>();
    private final Set<TableName> tablesMade = new HashSet<>();
    private boolean movesPath;

    private WayBack(Tables tables, StatementJudge statements) {
        this.tables = tables;
        this.statements = statements;
    }

    /** @param path of the script that takes back */
    static List<MigrationFinding> judge(
            String path,
            ScriptReader.Script deploy,
            ScriptReader.Script revert,
            Tables tables,
            StatementJudge statements) {
        WayBack way = new WayBack(tables, statements);
        way.movesPath = SearchPath.isMoved(deploy) || SearchPath.isMoved(revert);
        deploy.statements().forEach(way::note);
        List<MigrationFinding> findings = new ArrayList<>();
        for (ScriptStatement statement : revert.statements()) {
            if (!Transaction.isControl(statement)) {
                way.finding(path, statement).ifPresent(findings::add);
            }
        }
        Transaction.problem(path, revert).ifPresent(findings::add);
        return findings;
    }

    private Optional<MigrationFinding> finding(String path, ScriptStatement statement) {
        List<Judgement> judged = statements.judge(statement);
        for (Judgement judgement : judged) {
            String rule = judgement.rule();
            if (rule != null && judgement.always() && !MigrationFinding.mayBeAllowed(rule)) {
                return Optional.of(new MigrationFinding(
                        Severity.DANGER, rule, path, statement.line(), judgement.message(), judgement.remedy()));
            }
        }
        boolean takesAway = statement.startsWith("drop")
                ? !dropsOnlyMade(statement)
                : !isOfOwnAlter(statement)
                        && judged.stream()
                                .anyMatch(judgement -> judgement.phase() == Phase.CONTRACT && !isOfMade(judgement));
        return takesAway
                ? Optional.of(new MigrationFinding(
                        Severity.WARN,
                        RULE,
                        path,
                        statement.line(),
                        "it may take away what was there before its own change, and is run without asking when a later one fails",
                        "take back only what the deploy script makes itself, without IF NOT EXISTS and OR REPLACE"))
                : Optional.empty();
    }

    private boolean isOfMade(Judgement judgement) {
        return judgement.table() != null && tablesMade.contains(judgement.table());
    }

    /** Without a schema, a name means another thing once the path is another. */
    private boolean isPlain(TableName name) {
        return !movesPath || !name.schema().equals("public");
    }

    private void note(ScriptStatement statement) {
        if (statement.startsWith("create")) {
            boolean mayBeThere = statement.has("if") || statement.has("replace");
            for (Named one : named(statement.tokens(), false)) {
                if (isPlain(one.name) && !(mayBeThere && tables.isThere(one.name.name()))) {
                    made.add(one.key());
                    if (one.kinds.contains("table")) {
                        tablesMade.add(one.name);
                    }
                }
            }
        } else if (statement.startsWith("alter", "table")) {
            made.addAll(added(statement, "add", true));
        }
    }

    private boolean dropsOnlyMade(ScriptStatement statement) {
        List<Named> dropped = named(statement.tokens(), true);
        return !dropped.isEmpty() && dropped.stream().allMatch(one -> made.contains(one.key()));
    }

    /** An ALTER TABLE that drops columns and constraints which the change has added. */
    private boolean isOfOwnAlter(ScriptStatement statement) {
        if (!statement.startsWith("alter", "table")) {
            return false;
        }
        Words words = new Words(statement.tokens());
        words.accept("alter", "table");
        words.accept("if", "exists");
        Object unused = words.table();
        List<Words> actions = words.parts();
        Set<String> dropped = added(statement, "drop", false);
        return actions.stream().allMatch(action -> action.sees("drop"))
                && dropped.size() == actions.size()
                && made.containsAll(dropped);
    }

    /** The columns and constraints that an ALTER TABLE adds or drops, each with its table. @param isNew whether it must not be there yet */
    private Set<String> added(ScriptStatement statement, String verb, boolean isNew) {
        Words words = new Words(statement.tokens());
        words.accept("alter", "table");
        words.accept("if", "exists");
        TableName table = words.table();
        Set<String> added = new HashSet<>();
        if (table == null || !isPlain(table)) {
            return added;
        }
        for (Words action : words.parts()) {
            if (action.accept(verb)) {
                boolean isConstraint = action.accept("constraint");
                if (!isConstraint) {
                    action.accept("column");
                }
                boolean mayBeThere = action.accept("if", "not", "exists");
                action.accept("if", "exists");
                String name = action.name();
                if (!name.isEmpty()
                        && !(isNew
                                && mayBeThere
                                && tables.columnType(table, name).isPresent())) {
                    added.add((isConstraint ? "constraint " : "column ") + name + " of " + table.quoted());
                }
            }
        }
        return added;
    }

    /** Something that a statement creates or drops. @param kinds the words that say what it is */
    private record Named(Set<String> kinds, TableName name, String of) {
        /** What of one kind has one name, with its table where that counts. */
        String key() {
            return kinds.stream().sorted().collect(Collectors.joining(" ")) + " " + name.quoted() + of;
        }
    }

    private static List<Named> named(List<ScriptStatement.Token> tokens, boolean several) {
        Words words = new Words(tokens.subList(1, tokens.size()));
        Set<String> kinds = new HashSet<>();
        for (ScriptStatement.Token token : tokens.subList(1, tokens.size())) {
            if (!words.acceptOneOf(BEFORE_NAME)) {
                break;
            }
            kinds.add(token.text());
        }
        kinds.removeAll(Set.of(
                "or",
                "replace",
                "unlogged",
                "unique",
                "recursive",
                "constraint",
                "concurrently",
                "if",
                "not",
                "exists"));
        List<Named> named = new ArrayList<>();
        for (Words one : several ? words.parts() : List.of(words)) {
            TableName name = one.table();
            if (name == null || kinds.isEmpty()) {
                return List.of();
            }
            TableName of = Set.of("trigger", "rule", "policy").stream().anyMatch(kinds::contains) ? on(one) : null;
            named.add(new Named(kinds, name, of == null ? "" : " on " + of.quoted()));
        }
        return named;
    }

    private static @Nullable TableName on(Words words) {
        List<ScriptStatement.Token> rest = words.rest();
        for (int i = 0; i < rest.size(); i++) {
            if (rest.get(i).is("on") || rest.get(i).is("to")) {
                return new Words(rest.subList(i + 1, rest.size())).table();
            }
        }
        return null;
    }
}
