package io.watchkeeper.postgres;

/** The work was told to stop: cancelled by a person, replaced by a newer run, or out of time. */
public final class WorkCancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public WorkCancelledException(String message) {
        super(message);
    }
}
