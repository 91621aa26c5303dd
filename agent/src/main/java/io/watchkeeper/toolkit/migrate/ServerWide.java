package io.watchkeeper.toolkit.migrate;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells statements that may act on more than the database that they are run in. */
final class ServerWide {

    private static final Set<String> OBJECTS =
            Set.of("role", "user", "group", "tablespace", "database", "system", "subscription", "large");

    private ServerWide() {}

    /** What rights may be given on, that is none of one database's own. */
    private static final Set<String> GRANTED_ON = Set.of("database", "tablespace", "parameter", "large");

    /** Of a function, which a trigger may call. */
    private static final Pattern BODY = Pattern.compile("(?i)\\b(?:copy|execute|lo_export)\\b");

    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "merge", "truncate", "copy");

    /** Where it cannot be told, it may. */
    static boolean may(ScriptStatement statement, StatementJudge judge) {
        // With \connect the rest is run elsewhere.
        if (statement.isCommand() || statement.isChangedByPsql() || writesCatalogue(statement)) {
            return true;
        }
        Words words = new Words(statement.tokens());
        if (words.acceptOneOf(Set.of("create", "alter", "drop"))) {
            return OBJECTS.stream().anyMatch(words::sees) || isCode(statement, judge);
        }
        boolean isGrant = statement.startsWith("grant") || statement.startsWith("revoke");
        if (isGrant && isOnServer(statement)) {
            return true;
        }
        boolean isMembership = (words.accept("grant") || words.accept("revoke")) && !words.restHas("on");
        boolean isComment = words.accept("comment", "on") && OBJECTS.stream().anyMatch(words::sees);
        return isMembership || isComment || statement.has("owned") || isCode(statement, judge);
    }

    /** Whether it may write a file or run a program when the role is allowed to. Where it cannot be told, it may. */
    static boolean mayReachFiles(ScriptStatement statement, StatementJudge judge) {
        boolean ofFile = statement.startsWith("copy")
                && statement.tokens().stream().anyMatch(token -> token.kind() == ScriptStatement.Kind.STRING);
        boolean inBody = statement.tokens().stream()
                .anyMatch(token -> token.kind() == ScriptStatement.Kind.STRING
                        && BODY.matcher(token.text()).find());
        return ofFile
                || inBody
                || statement.isCommand()
                || statement.isChangedByPsql()
                || statement.startsWith("alter", "system")
                || isCode(statement, judge);
    }

    private static boolean isOnServer(ScriptStatement statement) {
        List<ScriptStatement.Token> tokens = statement.tokens();
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).is("on") && GRANTED_ON.stream().anyMatch(tokens.get(i + 1)::is)) {
                return true;
            }
        }
        return false;
    }

    /** Some catalogues are all databases'. */
    private static boolean writesCatalogue(ScriptStatement statement) {
        return WRITES.stream().anyMatch(statement::has)
                && statement.tokens().stream()
                        .anyMatch(token -> token.isName() && token.text().startsWith("pg_"));
    }

    private static boolean isCode(ScriptStatement statement, StatementJudge judge) {
        List<Judgement> judged = judge.judge(statement);
        return judged.stream().anyMatch(judgement -> "code-block".equals(judgement.rule()))
                || (statement.startsWith("copy") && statement.has("program"));
    }
}
