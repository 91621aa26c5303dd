package io.watchkeeper.audit;

import java.util.List;

/** The record of who did what. May be called from any thread. */
public interface Audit {

    /**
     * Puts an event on the record; it is on disk when this returns.
     *
     * @throws io.watchkeeper.problem.OperatorException when it cannot be recorded: what is not recorded must not be done
     */
    void record(AuditEvent event);

    /**
     * Puts events on the record in this order. Where it can, all of them or none.
     *
     * @throws io.watchkeeper.problem.OperatorException when they cannot be recorded
     */
    default void recordAll(List<AuditEvent> events) {
        events.forEach(this::record);
    }

    /** Keeps nothing, for processes that change nothing. */
    static Audit none() {
        return event -> {};
    }
}
