package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.migrate.Judgement.RowWork;
import io.watchkeeper.toolkit.migrate.MigrationFinding.Severity;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Judges scripts one after the other, as they would be run: tables that an earlier one makes are empty, and nothing is dangerous there.
 */
final class ScriptJudge {

    /** A table up to this size is read or written anew before anybody minds. */
    static final Bytes SMALL = Bytes.of(64L << 20);

    private static final long SCANNED_PER_SECOND = 200L << 20;
    private static final long INDEXED_PER_SECOND = 50L << 20;
    private static final long REWRITTEN_PER_SECOND = 30L << 20;

    /** These take something away, which is what two people agree to, and are no reason to refuse. */
    private static final Set<String> FOR_APPROVERS = Set.of("drop", "rename", "truncate", "code-block");

    private final String database;
    private final Tables tables;
    private final StatementJudge statements;
    private final Set<TableName> made = new HashSet<>();
    private boolean pathMoved;
    private boolean pathOutlives;

    ScriptJudge(String database, Tables tables, Duration lockTimeout) {
        this.database = database;
        this.tables = tables;
        this.statements = new StatementJudge(tables, lockTimeout);
    }

    /** @param inTransaction whether the script is one transaction */
    record Judged(
            Phase phase,
            boolean inTransaction,
            List<PlannedAction> actions,
            List<MigrationFinding> findings,
            long rewritten,
            Duration estimate) {}

    Judged judge(String path, ScriptReader.Script script, ScriptNotes notes) {
        Phase phase = notes.phase().orElse(Phase.EXPAND);
        List<PlannedAction> actions = new ArrayList<>();
        List<MigrationFinding> findings = new ArrayList<>();
        long rewritten = 0;
        Duration estimate = Duration.ZERO;
        // A script has a session of its own; what is set for a role or a database outlives it.
        pathMoved &= pathOutlives;
        for (ScriptStatement statement : script.statements()) {
            if (Transaction.isControl(statement)) {
                continue;
            }
            follow(statement);
            LockLevel lock = LockLevel.NONE;
            long bytes = 0;
            for (Judgement judgement : statements.judge(statement)) {
                lock = judgement.lock().compareTo(lock) > 0 ? judgement.lock() : lock;
                phase = phase.or(phaseOf(judgement));
                long size = sizeOf(judgement);
                bytes += judgement.work() == RowWork.REWRITE ? size : 0;
                estimate = estimate.plus(time(judgement.work(), size));
                finding(judgement, size, path, statement.line(), notes, findings);
            }
            rewritten += bytes;
            actions.add(new PlannedAction(
                    database, statement.text(), lock, -1, bytes > 0 ? bytes : -1, path + ":" + statement.line()));
            note(statement);
        }
        Transaction.problem(path, script).ifPresent(findings::add);
        notes.phase()
                .filter(declared -> declared == Phase.EXPAND)
                .filter(declared -> script.statements().stream()
                        .filter(statement -> !Transaction.isControl(statement))
                        .flatMap(statement -> statements.judge(statement).stream())
                        .anyMatch(judgement -> phaseOf(judgement) == Phase.CONTRACT))
                .ifPresent(declared -> findings.add(new MigrationFinding(
                        Severity.WARN,
                        "phase",
                        path,
                        1,
                        "the script calls itself an expand and takes something away; it counts as a contract",
                        "move what takes away into a contract of its own")));
        return new Judged(phase, Transaction.isOne(script), actions, findings, rewritten, estimate);
    }

    private void follow(ScriptStatement statement) {
        if (SearchPath.isMoved(statement)) {
            pathMoved = true;
            pathOutlives |= !statement.startsWith("set") && !statement.startsWith("select");
        }
    }

    List<MigrationFinding> wayBack(String path, ScriptReader.Script deploy, ScriptReader.Script revert) {
        return WayBack.judge(path, deploy, revert, tables, statements);
    }

    private boolean isMade(Judgement judgement) {
        return judgement.table() != null && isMade(judgement.table());
    }

    /** Without a schema, a name means another table once the path is another. */
    private boolean isMade(TableName table) {
        return made.contains(table) && isPlain(table);
    }

    private boolean isPlain(TableName table) {
        return !pathMoved || !table.schema().equals("public");
    }

    /** Nobody misses anything of a table that was not there before. */
    private Phase phaseOf(Judgement judgement) {
        return isMade(judgement) ? Phase.EXPAND : judgement.phase();
    }

    private long sizeOf(Judgement judgement) {
        TableName table = judgement.table();
        return table == null || isMade(table) ? 0 : tables.size(table).orElse(0L);
    }

    private static Duration time(RowWork work, long bytes) {
        return switch (work) {
            case NONE -> Duration.ZERO;
            case SCAN -> Duration.ofMillis(bytes * 1_000 / SCANNED_PER_SECOND);
            case INDEX -> Duration.ofMillis(bytes * 1_000 / INDEXED_PER_SECOND);
            case REWRITE -> Duration.ofMillis(bytes * 1_000 / REWRITTEN_PER_SECOND);
        };
    }

    private void finding(
            Judgement judgement, long size, String path, int line, ScriptNotes notes, List<MigrationFinding> findings) {
        String rule = judgement.rule();
        if (rule == null || isMade(judgement)) {
            return;
        }
        boolean dangerous = (judgement.always() || size > SMALL.count())
                && !FOR_APPROVERS.contains(rule)
                && !(notes.allowed().contains(rule) && MigrationFinding.mayBeAllowed(rule));
        String message = size > 0 && judgement.table() != null
                ? judgement.message() + " (" + judgement.table() + ", " + Bytes.of(size) + ")"
                : judgement.message();
        findings.add(new MigrationFinding(
                dangerous ? Severity.DANGER : Severity.WARN, rule, path, line, message, judgement.remedy()));
    }

    private void note(ScriptStatement statement) {
        Words words = new Words(statement.tokens());
        if (words.accept("create")) {
            words.accept("or", "replace");
            if (words.acceptOneOf(Set.of("function", "procedure", "aggregate"))) {
                TableName function = words.table();
                if (function != null) {
                    statements.know(function.name());
                }
            }
            words.accept("unlogged");
            // With IF NOT EXISTS it may have been there, and a temporary one only hides another of its name.
            if (words.accept("table") && !words.sees("if", "not", "exists")) {
                TableName table = words.table();
                if (table != null && isPlain(table) && tables.size(table).isEmpty()) {
                    made.add(table);
                }
            }
        }
    }
}
