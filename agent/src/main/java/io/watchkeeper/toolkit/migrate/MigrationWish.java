package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants a database's schema to be brought to.
 *
 * @param database its configured name
 * @param alsoOn databases that are kept in step with it
 * @param revision a change or a tag of the plan
 * @param revert whether to take back what came after it; then null takes back everything
 * @param lockTimeout how long a statement waits for a lock before the change is tried again
 * @param attempts for each change
 * @param maxLag no standby may be further behind
 * @param verify whether the verify script of each change is run after it
 * @param revertTest whether all of it and its way back are tried out elsewhere first
 */
public record MigrationWish(
        String database,
        List<String> alsoOn,
        @Nullable String revision,
        boolean revert,
        Duration lockTimeout,
        int attempts,
        Bytes maxLag,
        boolean verify,
        RevertTest revertTest) {

    public static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);
    public static final int ATTEMPTS = 10;

    public MigrationWish {
        alsoOn = List.copyOf(alsoOn);
        if (revision == null && !revert) {
            throw new OperatorException(
                    "a migration without a revision", "name a change or a tag of the plan: to 'users'.");
        }
        if (lockTimeout.isNegative() || lockTimeout.isZero() || lockTimeout.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new OperatorException(
                    "a lock timeout of " + lockTimeout.toMillis() + " ms",
                    "everybody waits behind it: give at most 1.minute.");
        }
        if (attempts < 1) {
            throw new OperatorException(attempts + " attempts are none", "give at least 1.");
        }
        if (alsoOn.contains(database)) {
            throw new OperatorException("'" + database + "' is named twice", "alsoOn names other databases.");
        }
    }

    /** Without a test of the way back. */
    public MigrationWish(
            String database,
            List<String> alsoOn,
            @Nullable String revision,
            boolean revert,
            Duration lockTimeout,
            int attempts,
            Bytes maxLag,
            boolean verify) {
        this(database, alsoOn, revision, revert, lockTimeout, attempts, maxLag, verify, RevertTest.NONE);
    }

    /** The same, tried out before in this way. */
    public MigrationWish withRevertTest(RevertTest how) {
        return new MigrationWish(database, alsoOn, revision, revert, lockTimeout, attempts, maxLag, verify, how);
    }

    /** With the usual limits. @param maxLag no standby may be further behind */
    public static MigrationWish deploy(String database, String revision, Bytes maxLag) {
        return new MigrationWish(database, List.of(), revision, false, LOCK_TIMEOUT, ATTEMPTS, maxLag, true);
    }

    /** With the usual limits. @param revision to which to go back; null takes back everything */
    public static MigrationWish revert(String database, @Nullable String revision, Bytes maxLag) {
        return new MigrationWish(database, List.of(), revision, true, LOCK_TIMEOUT, ATTEMPTS, maxLag, true);
    }

    /** In words. */
    public String target() {
        return revision == null ? "the beginning" : revision;
    }
}
