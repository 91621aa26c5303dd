package io.watchkeeper.http;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Runbook;
import org.jspecify.annotations.Nullable;

/** Makes the runbook of a migration that is asked for over HTTP. */
@FunctionalInterface
public interface MigrationMaker {

    /**
     * A migration that could be done now.
     *
     * @param runbook a run of it is the migration; a dry run only shows the plan
     * @param subject what it does, in words
     * @param digest of the plan
     * @param approvers so many different people have to agree; 0 for nobody
     */
    record Migration(Runbook runbook, String subject, String digest, int approvers) {}

    /**
     * @param revert whether to take back what came after the revision
     * @throws UnknownRevision when the plan has no such change or tag
     * @throws Busy while another migration runs
     * @throws OperatorException when it is refused for another reason
     */
    Migration migration(String revision, boolean revert);

    /** The plan has no such change or tag. */
    final class UnknownRevision extends OperatorException {
        private static final long serialVersionUID = 1L;

        public UnknownRevision(String message, @Nullable String hint) {
            super(message, hint);
        }
    }

    /** Another migration runs. */
    final class Busy extends OperatorException {
        private static final long serialVersionUID = 1L;

        public Busy(String message, @Nullable String hint) {
            super(message, hint);
        }
    }
}
