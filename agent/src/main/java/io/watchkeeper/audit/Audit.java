package io.watchkeeper.audit;

/** The record of who did what. May be called from any thread. */
public interface Audit {

    /**
     * Puts an event on the record; it is on disk when this returns.
     *
     * @throws io.watchkeeper.problem.OperatorException when it cannot be recorded: what is not recorded must not be done
     */
    void record(AuditEvent event);

    /** Keeps nothing, for processes that change nothing. */
    static Audit none() {
        return event -> {};
    }
}
