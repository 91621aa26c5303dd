package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares one table of two databases: both servers count and hash their rows at the same time, and only where that differs, finer
 * and finer sums and in the end keys travel.
 */
public final class TableVerifier {

    private final Database source;
    private final Database target;
    private final Work work;
    private final @Nullable Path reports;
    private final InFlight knowledge;

    /**
     * @param reports the folder of this run's reports, made when it is needed, for example {@code <state>/reports/<run>}; what an
     *     interrupted verification leaves for the next run is kept beside it, in {@code unfinished}. Null to write no files
     */
    public TableVerifier(Database source, Database target, Work work, @Nullable Path reports) {
        this(source, target, work, reports, InFlight.NONE);
    }

    /** @param knowledge of rows that are on their way to the target */
    public TableVerifier(Database source, Database target, Work work, @Nullable Path reports, InFlight knowledge) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.reports = reports;
        this.knowledge = knowledge;
        if (source == target && source.settings().maxConnections() < 2) {
            throw new OperatorException(
                    "a verification inside database '" + source.name() + "' needs two connections, and one is allowed",
                    "raise databases." + source.name() + ".maxConnections to 2 or more.");
        }
    }

    /**
     * Compares the table, and repairs it where the plan says so.
     *
     * @return match or mismatch; whatever kept the tables from being compared is an exception
     * @throws OperatorException when the tables cannot be compared, rights are missing, a server or the link fails, or the brake stops
     *     a repair
     * @throws io.watchkeeper.postgres.WorkCancelledException when the work is told to stop
     */
    public VerifyResult verify(VerifyPlan plan) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work);
                VerifyProgress progress = new VerifyProgress(work, plan.from().toString())) {
            return new TableVerification(pair, plan, reports, knowledge, progress).run();
        } catch (SQLException e) {
            throw VerifyFailure.explain(plan, source, target, e);
        }
    }

    /** What {@link #verify} would do. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(VerifyPlan plan) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            return VerifyDescription.of(pair, VerifyPreparation.prepare(plan, pair));
        }
    }
}
