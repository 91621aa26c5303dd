package io.watchkeeper.engine;

import java.util.Optional;

/** Who holds a lock, as the lock's file says. */
record LockHolder(String runId, long pid, String runbook) {

    /** The text of a lock file: {@code <runId> <pid> <runbook>}. */
    String text() {
        return runId + " " + pid + " " + runbook;
    }

    /** Empty for a file whose holder has not yet written its name. */
    static Optional<LockHolder> parse(String text) {
        String[] parts = text.split(" ", 3);
        if (parts.length < 3 || !RunId.isValid(parts[0])) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LockHolder(parts[0], Long.parseLong(parts[1]), parts[2].strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** As logs and errors name it. */
    @Override
    public String toString() {
        return "run " + runId + " of '" + runbook + "' (process " + pid + ")";
    }
}
