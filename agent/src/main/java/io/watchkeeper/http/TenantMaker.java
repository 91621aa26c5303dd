package io.watchkeeper.http;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Runbook;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Begins to make a tenant that is asked for over HTTP. */
@FunctionalInterface
public interface TenantMaker {

    /**
     * What is asked for, as it was sent.
     *
     * @param key with which it may be sent again without being done again; null for none
     */
    record Wish(
            String id, String region, String plan, @Nullable String key) {}

    /**
     * Begins it, or finds that it was begun before.
     *
     * @param start starts the run of a runbook
     * @return the id of the run that makes it, or made it
     * @throws Refused when it cannot be accepted; nothing was begun then
     */
    String begin(Wish wish, Function<Runbook, RunHandle> start);

    /** Why it is not accepted, with the HTTP status that says so. */
    final class Refused extends OperatorException {

        private static final long serialVersionUID = 1L;

        private final int status;

        public Refused(int status, String message, @Nullable String hint) {
            super(message, hint);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }
}
