package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.toolkit.migrate.MigrationFinding.Severity;
import io.watchkeeper.toolkit.migrate.ScriptStatement.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Judges verify scripts, which only look. They are run in sessions that begin every transaction as READ ONLY; what a script could do to get
 * out of that, or does outside of transactions, is refused here.
 */
final class VerifyJudge {

    /** Words of PL/pgSQL that stand before a parenthesis and call nothing. */
    private static final Set<String> BLOCK_WORDS =
            Set.of("if", "elsif", "while", "assert", "return", "perform", "loop");

    private static final Set<String> QUERIES = Set.of("select", "with", "values", "table", "show");

    /** What a script may set for itself. Whether transactions write, and as whom, is none of it. */
    private static final Set<String> SETTABLE = Set.of(
            "search_path",
            "statement_timeout",
            "lock_timeout",
            "client_min_messages",
            "timezone",
            "time",
            "datestyle",
            "intervalstyle",
            "extra_float_digits",
            "row_security",
            "constraints");

    private final QueryJudge queries;

    VerifyJudge(Tables tables) {
        this.queries = new QueryJudge(tables);
    }

    /** How far a statement is known to only look, from the best to the worst. */
    private enum Look {
        /** Changes nothing. */
        ONLY,
        /** Calls code that is not seen here; in a transaction that is READ ONLY it can change nothing. */
        UNKNOWN,
        /** Changes something, or may do so outside of any transaction. */
        WRITES
    }

    /** @param path for the findings, as {@code verify/users.sql} */
    List<MigrationFinding> judge(String path, ScriptReader.Script script) {
        List<MigrationFinding> findings = new ArrayList<>();
        boolean isFramed = isFramed(script);
        for (ScriptStatement statement : script.statements()) {
            psql(path, statement).ifPresent(findings::add);
            if (statement.isCommand() || statement.isChangedByPsql() || isFrame(statement)) {
                continue;
            }
            Look look = look(statement);
            if (look == Look.WRITES) {
                findings.add(finding(
                        path,
                        statement,
                        "a verify script only looks, and '" + beginning(statement) + "' may change something",
                        "ask with SELECT; it fails by SELECT 1 / count(*), or by a DO block that raises an exception"));
            } else if (look == Look.UNKNOWN && !isFramed) {
                findings.add(finding(
                        path,
                        statement,
                        "'" + beginning(statement)
                                + "' runs code that is not seen here, outside of a transaction that would keep it from writing",
                        "put the whole script between BEGIN and ROLLBACK"));
            }
        }
        return findings;
    }

    private static Optional<MigrationFinding> psql(String path, ScriptStatement statement) {
        if (!statement.isCommand() && !statement.isChangedByPsql()) {
            return Optional.empty();
        }
        Judgement judged = PsqlJudge.judge(statement);
        String rule = judged.rule();
        return rule == null
                ? Optional.empty()
                : Optional.of(new MigrationFinding(
                        Severity.DANGER, rule, path, statement.line(), judged.message(), judged.remedy()));
    }

    private static MigrationFinding finding(String path, ScriptStatement statement, String message, String remedy) {
        return new MigrationFinding(Severity.DANGER, "verify-writes", path, statement.line(), message, remedy);
    }

    private static String beginning(ScriptStatement statement) {
        String first = statement.text().lines().findFirst().orElse("");
        return first.length() > 60 ? first.substring(0, 60) + "…" : first;
    }

    /** One transaction from beginning to end, so that nothing in it can begin another. */
    private static boolean isFramed(ScriptReader.Script script) {
        List<ScriptStatement> doing = script.statements().stream()
                .filter(statement -> !statement.isCommand())
                .toList();
        if (doing.size() < 2 || !isBegin(doing.get(0))) {
            return false;
        }
        ScriptStatement last = doing.get(doing.size() - 1);
        return isEnd(last) && doing.subList(1, doing.size() - 1).stream().noneMatch(Transaction::isControl);
    }

    private static boolean isFrame(ScriptStatement statement) {
        return isBegin(statement) || isEnd(statement);
    }

    /** Without WRITE or any other wish. */
    private static boolean isBegin(ScriptStatement statement) {
        Words words = new Words(statement.tokens());
        if (words.accept("start")) {
            return words.accept("transaction") && isReadOnlyOrNothing(words);
        }
        if (!words.accept("begin")) {
            return false;
        }
        words.acceptOneOf(Set.of("transaction", "work"));
        return isReadOnlyOrNothing(words);
    }

    private static boolean isReadOnlyOrNothing(Words words) {
        return words.rest().isEmpty()
                || (words.accept("read", "only") && words.rest().isEmpty());
    }

    private static boolean isEnd(ScriptStatement statement) {
        return Set.of("rollback", "commit", "end", "abort").stream().anyMatch(statement::startsWith)
                && !statement.has("prepared")
                && !statement.has("chain");
    }

    private Look look(ScriptStatement statement) {
        List<Token> tokens = statement.tokens();
        String first = tokens.get(0).text();
        if (tokens.get(0).isSign("(") || QUERIES.contains(first)) {
            return query(tokens);
        }
        return switch (first) {
            case "do" -> block(tokens);
            case "explain" -> statement.hasOption("analyze", "analyse") ? Look.WRITES : Look.ONLY;
            case "set" -> isSettable(tokens) ? Look.ONLY : Look.WRITES;
            case "savepoint", "release" -> Look.ONLY;
            default -> Look.WRITES;
        };
    }

    private Look query(List<Token> tokens) {
        if (queries.writes(tokens)) {
            return Look.WRITES;
        }
        return calls(tokens);
    }

    private Look calls(List<Token> tokens) {
        if (queries.callsWhatActs(tokens)) {
            return Look.WRITES;
        }
        return queries.callsNothingUnknown(tokens) ? Look.ONLY : Look.UNKNOWN;
    }

    /** The words of its body are those of SQL, with a few more. */
    private Look block(List<Token> tokens) {
        Look worst = Look.ONLY;
        for (Token token : tokens) {
            if (token.kind() == ScriptStatement.Kind.STRING) {
                for (ScriptStatement inside : ScriptReader.read(token.text()).statements()) {
                    Look look = inside.isCommand() || queries.writesInBlock(inside.tokens())
                            ? Look.WRITES
                            : calls(withoutBlockWords(inside.tokens()));
                    worst = look.compareTo(worst) > 0 ? look : worst;
                }
            }
        }
        boolean isPlpgsql = tokens.stream().noneMatch(token -> token.is("language"))
                || tokens.stream().anyMatch(token -> token.is("plpgsql"));
        return isPlpgsql ? worst : Look.WRITES;
    }

    private static List<Token> withoutBlockWords(List<Token> tokens) {
        return tokens.stream()
                .map(token ->
                        BLOCK_WORDS.stream().anyMatch(token::is) ? new Token(ScriptStatement.Kind.SIGN, ";") : token)
                .toList();
    }

    private static boolean isSettable(List<Token> tokens) {
        Words words = new Words(tokens);
        words.accept("set");
        words.acceptOneOf(Set.of("local", "session"));
        return SETTABLE.contains(words.name().toLowerCase(Locale.ROOT));
    }
}
