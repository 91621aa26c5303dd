package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFailure;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Says why tables could not be compared, and what to do. That is no match, and no mismatch either. */
final class VerifyFailure {

    private VerifyFailure() {}

    static OperatorException explain(VerifyPlan plan, Database source, Database target, SQLException e) {
        String tables = plan.from() + " of '" + source.name() + "' and "
                + (plan.to().equals(plan.from()) ? "" : plan.to() + " of ") + "'" + target.name() + "'";
        return new OperatorException(tables + " could not be compared: " + CopyFailure.words(e), hint(e), e);
    }

    private static @Nullable String hint(SQLException e) {
        return switch (FailureClass.sqlState(e).orElse("")) {
            case "40001" ->
                "the standby cancelled a view that was in the way of what it replays; set hot_standby_feedback = on there, or"
                        + " compare shorter ranges.";
            case SqlStates.INSUFFICIENT_PRIVILEGE -> "grant the role what is missing.";
            case "22P05", "22021" ->
                "texts of one database cannot be written in the other's encoding; leave those rows out with where.";
            case "53100" -> "free some space on that server's disk: keys that differ are sorted there.";
            default ->
                FailureClass.of(e) == FailureClass.RETRYABLE
                        ? "the server or the link failed; run it again once they are back, and it goes on where it was."
                        : null;
        };
    }
}
