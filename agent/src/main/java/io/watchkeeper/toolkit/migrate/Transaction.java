package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.toolkit.migrate.MigrationFinding.Severity;
import java.util.List;
import java.util.Optional;

/**
 * Whether a script does all or nothing. It does when it is one transaction, or a single statement; only a statement that allows no
 * transaction around it has a reason to be the latter.
 */
final class Transaction {

    private Transaction() {}

    /** Begins, ends or parts a transaction. */
    static boolean isControl(ScriptStatement statement) {
        return isBegin(statement) || isEnd(statement);
    }

    private static boolean isBegin(ScriptStatement statement) {
        return statement.startsWith("begin") || statement.startsWith("start", "transaction");
    }

    private static boolean isEnd(ScriptStatement statement) {
        return statement.startsWith("commit")
                || statement.startsWith("end")
                || statement.startsWith("rollback")
                || statement.startsWith("abort")
                || statement.startsWith("prepare", "transaction");
    }

    private static boolean isSetting(ScriptStatement statement) {
        return statement.startsWith("set") || statement.startsWith("reset") || statement.isCommand();
    }

    /** What does something, settings and commands of psql left out. */
    private static List<ScriptStatement> doing(ScriptReader.Script script) {
        return script.statements().stream()
                .filter(statement -> !isSetting(statement))
                .toList();
    }

    static boolean isOne(ScriptReader.Script script) {
        List<ScriptStatement> doing = doing(script);
        return doing.size() >= 2
                && isBegin(doing.get(0))
                && doing.get(doing.size() - 1).startsWith("commit")
                && doing.subList(1, doing.size() - 1).stream().noneMatch(Transaction::isControl);
    }

    /** Where the first statement of a script that {@link #isOne} may stand, in characters: behind what says how the transaction is. */
    static int begun(ScriptReader.Script script) {
        int end = -1;
        for (ScriptStatement statement : script.statements()) {
            if (end < 0 ? isBegin(statement) : statement.startsWith("set", "transaction")) {
                end = statement.end();
            } else if (end >= 0) {
                break;
            }
        }
        return end;
    }

    /** Allows no transaction around it. */
    private static boolean standsAlone(ScriptStatement statement) {
        return statement.has("concurrently") || statement.startsWith("vacuum");
    }

    /** Waits for others without a lock that keeps those who read or write waiting behind it. */
    static boolean waitsBeside(ScriptReader.Script script) {
        List<ScriptStatement> doing = doing(script);
        return !doing.isEmpty()
                && doing.stream()
                        .allMatch(statement -> statement.startsWith("vacuum")
                                ? !statement.hasOption("full")
                                : statement.has("concurrently")
                                        && (statement.startsWith("create", "index")
                                                || statement.startsWith("create", "unique", "index")
                                                || statement.startsWith("drop", "index")
                                                || statement.startsWith("reindex")));
    }

    /** Nothing but the frame that {@code sqitch add} writes. */
    static boolean isEmpty(ScriptReader.Script script) {
        return doing(script).stream().allMatch(Transaction::isControl);
    }

    /** What is wrong with it; empty when it does all or nothing. */
    static Optional<MigrationFinding> problem(String path, ScriptReader.Script script) {
        List<ScriptStatement> doing = doing(script);
        Optional<ScriptStatement> alone =
                doing.stream().filter(Transaction::standsAlone).findFirst();
        if (alone.isPresent() && doing.size() > 1) {
            return Optional.of(new MigrationFinding(
                    Severity.DANGER,
                    "not-alone",
                    path,
                    alone.get().line(),
                    "a statement that allows no transaction stands beside others: what was done before it would stay when it fails",
                    "give it a change of its own, without BEGIN and COMMIT"));
        }
        if (alone.isEmpty() && !isOne(script) && !isEmpty(script)) {
            return Optional.of(new MigrationFinding(
                    Severity.DANGER,
                    "no-transaction",
                    path,
                    doing.get(0).line(),
                    "the script is not one transaction: what was done before a failure would stay",
                    "begin it with BEGIN and end it with COMMIT"));
        }
        return Optional.empty();
    }
}
