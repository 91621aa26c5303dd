package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Undoes what a migration has done that failed half-way, newest first, at both ends. It is patient with locks and lost connections, for a
 * bounded time, and what it cannot undo it says, with the command that does.
 */
final class Undo {

    /** At least so often, which takes about a quarter of a minute: whoever was in the way of the change is in the way of its undoing. */
    private static final int LEAST_ATTEMPTS = 6;

    /** The process may have been told to stop, and what it has begun is undone all the same. */
    private static final Work AFTERWARDS = Work.unattended("watchkeeper migrate");

    private final ChangeRun run;
    private final SqitchProject project;
    private final MigrationWish wish;

    Undo(ChangeRun run, SqitchProject project, MigrationWish wish) {
        this.run = run;
        this.project = project;
        this.wish = wish;
    }

    /** @param words what became of it @param remedy what undoes what is left; null when nothing is */
    record Outcome(String words, @Nullable String remedy) {

        /** What to do: about what is left first. @param other about the failure itself */
        @Nullable
        String hint(@Nullable String other) {
            if (remedy == null) {
                return other;
            }
            return other == null ? remedy : remedy + " Then: " + other;
        }

        /** All of it. */
        String text() {
            return remedy == null ? words : words + "; " + remedy;
        }
    }

    /**
     * Undoes.
     *
     * @param finished in the order in which they were done
     * @param failed the step that came after them, which may be done all the same; null when there is none
     */
    Outcome undo(List<Migrator.Step> finished, Migrator.@Nullable Step failed) {
        List<Migrator.Step> left = new ArrayList<>(finished);
        if (failed != null) {
            String unknown = addIfDone(left, failed);
            if (!unknown.isEmpty()) {
                left.add(failed);
                return left(left, "whether " + where(failed) + " was done is not known: " + unknown);
            }
        }
        while (!left.isEmpty()) {
            Migrator.Step step = left.get(left.size() - 1);
            if (!wish.revert() && !step.change().reversible()) {
                return new Outcome(
                        where(step) + " cannot be taken back, and stays" + withOthers(left),
                        "go on from there with a new change, or restore a backup.");
            }
            String failure = undo(step);
            if (!failure.isEmpty()) {
                return left(left, where(step) + " could not be undone, and stays" + withOthers(left) + ": " + failure);
            }
            left.remove(left.size() - 1);
        }
        return new Outcome("the schema is as it was", null);
    }

    /** @return why it cannot be told; empty when it could */
    private String addIfDone(List<Migrator.Step> left, Migrator.Step failed) {
        return patiently(() -> {
            String unfinished = run.dropLeftIndexAfterwards(failed, wish.revert());
            if (run.hasHappened(failed, wish.revert(), AFTERWARDS)) {
                left.add(failed);
            }
            if (!unfinished.isEmpty()) {
                throw new OperatorException(unfinished.replaceFirst("^, and ", ""), null);
            }
        });
    }

    /** @return why not; empty when it is undone */
    private String undo(Migrator.Step step) {
        int attempts = Math.max(LEAST_ATTEMPTS, wish.attempts());
        return patiently(() -> {
            if (run.hasHappened(step, wish.revert(), AFTERWARDS)) {
                int unused = run.carryOut(step, !wish.revert(), attempts, AFTERWARDS);
            }
        });
    }

    /** Some statements. */
    @FunctionalInterface
    private interface Action {
        void run() throws SQLException;
    }

    /** A server that is being started anew, or a link that is down, may be back soon. */
    private static String patiently(Action action) {
        for (int attempt = 1; ; attempt++) {
            try {
                action.run();
                return "";
            } catch (SQLException | OperatorException e) {
                boolean isLost = e instanceof SQLException || e.getCause() instanceof SQLException;
                if (!isLost || attempt >= LEAST_ATTEMPTS) {
                    return String.valueOf(e.getMessage());
                }
                ChangeRun.pause(attempt, AFTERWARDS);
            }
        }
    }

    private Outcome left(List<Migrator.Step> left, String words) {
        return new Outcome(words, "to undo what is left: " + commands(left) + ".");
    }

    private static String where(Migrator.Step step) {
        return "'" + step.change().reference() + "' on database '" + step.database() + "'";
    }

    private static String withOthers(List<Migrator.Step> left) {
        return left.size() == 1
                ? ""
                : " with what came before it: "
                        + left.subList(0, left.size() - 1).stream()
                                .map(Undo::where)
                                .collect(Collectors.joining(", "));
    }

    /** One for each database, as a person types it. */
    private String commands(List<Migrator.Step> left) {
        Map<String, Migrator.Step> firsts = new LinkedHashMap<>();
        left.forEach(step -> firsts.putIfAbsent(step.database(), step));
        return firsts.values().stream().map(this::command).collect(Collectors.joining("; "));
    }

    /** @param first the first of its database that is left */
    private String command(Migrator.Step first) {
        String on = " --database " + first.database();
        int before = first.change().position() - 1;
        if (wish.revert()) {
            return "watchkeeper migrate deploy" + on + " --to " + first.change().reference();
        }
        return "watchkeeper migrate revert" + on
                + (before < 0
                        ? " --all"
                        : " --to " + project.changes().get(before).reference());
    }
}
