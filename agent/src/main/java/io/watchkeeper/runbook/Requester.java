package io.watchkeeper.runbook;

/**
 * Who asked for a run, and from where.
 *
 * @param name {@code token:ops}, {@code certificate:CN=…}, {@code user:root}, {@code agent}
 * @param from an address, {@code terminal}, {@code schedule}
 */
public record Requester(String name, String from) {

    /** The agent itself, because it was time. */
    public static final Requester SCHEDULE = new Requester("agent", "schedule");

    /** Whoever started this process. */
    public static Requester user() {
        return new Requester("user:" + System.getProperty("user.name", "?"), "terminal");
    }

    /** Who usually asks in this way. */
    public static Requester of(RunTrigger trigger) {
        return switch (trigger) {
            case SCHEDULE, CATCH_UP -> SCHEDULE;
            case CLI -> user();
            case HTTP -> new Requester("token", "http");
        };
    }
}
