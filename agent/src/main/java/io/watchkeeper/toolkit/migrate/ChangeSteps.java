package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deploys changes, or takes them back, one after the other; when one fails, those that this has done are undone. */
final class ChangeSteps {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeSteps.class);

    private final ChangeRun run;
    private final SqitchProject project;
    private final MigrationWish wish;
    private final Work work;
    private final Consumer<MigrationResult.Done> told;
    private final List<MigrationResult.Done> done = new ArrayList<>();
    private final List<Migrator.Step> finished = new ArrayList<>();

    ChangeSteps(
            ChangeRun run, SqitchProject project, MigrationWish wish, Work work, Consumer<MigrationResult.Done> told) {
        this.run = run;
        this.project = project;
        this.wish = wish;
        this.work = work;
        this.told = told;
    }

    List<MigrationResult.Done> done() {
        return done;
    }

    /**
     * @throws OperatorException when one fails, with what became of the others
     * @throws SQLException when a connection is lost, likewise
     */
    void doAll(List<Migrator.Step> steps) throws SQLException {
        for (Migrator.Step step : steps) {
            work.progress(new Progress(step.change().reference(), "migrate", finished.size(), steps.size(), 0));
            try {
                doOne(step);
            } catch (WorkCancelledException e) {
                Undo.Outcome outcome = undo(step);
                LOG.warn("cancelled at '{}': {}", step.change().reference(), outcome.text());
                throw new WorkCancelledException(e.getMessage() + "; " + outcome.text());
            } catch (OperatorException e) {
                Undo.Outcome outcome = undo(step);
                throw new OperatorException(e.getMessage() + "; " + outcome.words(), outcome.hint(e.hint()), e);
            } catch (SQLException e) {
                throw new SQLException(e.getMessage() + "; " + undo(step).text(), e.getSQLState(), e);
            } finally {
                work.progress(Progress.finished(step.change().reference()));
            }
        }
    }

    /**
     * Goes on with a change that an earlier process has deployed.
     *
     * @throws OperatorException when it fails its verification; it stays
     */
    void settled(Migrator.Step step) throws SQLException {
        long start = System.nanoTime();
        if (wish.verify()) {
            run.verify(step, wish.attempts(), work);
        }
        told(step, 1, start);
    }

    private void doOne(Migrator.Step step) throws SQLException {
        long start = System.nanoTime();
        int attempts = run.carryOut(step, wish.revert(), wish.attempts(), work);
        // From here on it is registered: whatever comes, it is undone with the others.
        finished.add(step);
        if (wish.verify() && !wish.revert()) {
            run.verify(step, wish.attempts(), work);
        }
        told(step, attempts, start);
    }

    private void told(Migrator.Step step, int attempts, long start) {
        MigrationResult.Done one = new MigrationResult.Done(
                step.database(),
                step.change().reference(),
                step.change().phase(),
                attempts,
                Duration.ofNanos(System.nanoTime() - start));
        done.add(one);
        told.accept(one);
    }

    /** @param failed the step at which it ended; it may be done all the same, by a psql that was not told to stop in time */
    private Undo.Outcome undo(Migrator.Step failed) {
        return new Undo(run, project, wish).undo(finished, isUnfinished(failed) ? failed : null);
    }

    private boolean isUnfinished(Migrator.@Nullable Step step) {
        return finished.isEmpty() || !finished.get(finished.size() - 1).equals(step);
    }
}
