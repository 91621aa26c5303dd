package io.watchkeeper.toolkit.migrate;

import java.util.List;
import java.util.Set;

/** Tells statements that may act on more than the database that they are run in. */
final class ServerWide {

    private static final Set<String> OBJECTS =
            Set.of("role", "user", "group", "tablespace", "database", "system", "subscription", "large");

    private ServerWide() {}

    /** Where it cannot be told, it may. */
    static boolean may(ScriptStatement statement, StatementJudge judge) {
        Words words = new Words(statement.tokens());
        if (words.acceptOneOf(Set.of("create", "alter", "drop"))) {
            return OBJECTS.stream().anyMatch(words::sees) || isCode(statement, judge);
        }
        boolean isMembership = (words.accept("grant") || words.accept("revoke")) && !words.restHas("on");
        boolean isComment = words.accept("comment", "on") && OBJECTS.stream().anyMatch(words::sees);
        return isMembership || isComment || statement.has("owned") || isCode(statement, judge);
    }

    private static boolean isCode(ScriptStatement statement, StatementJudge judge) {
        List<Judgement> judged = judge.judge(statement);
        return judged.stream().anyMatch(judgement -> "code-block".equals(judgement.rule()))
                || (statement.startsWith("copy") && statement.has("program"));
    }
}
