package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import io.watchkeeper.toolkit.migrate.RevertTest;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code migrate('shore') { … }} */
@Block(
        name = "migrate",
        value = "Up to which change of a Sqitch plan a schema is brought, and how carefully.",
        needs = {"to|back"},
        words = {
            "to",
            "back",
            "project",
            "alsoOn",
            "maxLag",
            "lockTimeout",
            "attempts",
            "verify",
            "testRevert",
            "testRows"
        })
public final class MigrateSpec {

    private static final String EXAMPLE = "migrate('shore') { to 'users' }";

    private final TextChecks texts;
    private final Path folder;
    private final List<String> alsoOn = new ArrayList<>();
    private @Nullable String to;
    private @Nullable String back;
    private @Nullable Path project;
    private @Nullable Bytes maxLag;
    private Duration lockTimeout = MigrationWish.LOCK_TIMEOUT;
    private int attempts = MigrationWish.ATTEMPTS;
    private boolean verify = true;
    private boolean testRevert;
    private boolean testRows;

    /** @param folder of the runbook's file, where relative paths begin */
    MigrateSpec(TextChecks texts, Path folder) {
        this.texts = texts;
        this.folder = folder;
    }

    @Word(
            value =
                    "The change or tag of the plan up to which changes are deployed; `'@HEAD'` is the last one of the plan.",
            example = "to 'users'")
    public void to(@Checked(TextKind.NAME) String revision) {
        to = texts.require(TextKind.NAME, revision);
    }

    @Word(
            value = "The change or tag of the plan that stays last: all that came after it is taken back.",
            example = "back '@v1'")
    public void back(@Checked(TextKind.NAME) String revision) {
        back = texts.require(TextKind.NAME, revision);
    }

    @Word(
            value = "The folder of the Sqitch project. A relative path begins at the runbook's folder.",
            example = "project 'migrations'",
            byDefault = "the configured `meta.migrations`")
    public void project(@Checked(TextKind.NAME) String path) {
        project = folder.resolve(texts.require(TextKind.NAME, path)).normalize();
    }

    @Word(
            value =
                    "Databases that are kept in step: what adds goes to them first, and what takes away comes to them last. When one of"
                            + " them is away, nothing is done.",
            example = "alsoOn 'ship'",
            byDefault = "none")
    public void alsoOn(@Checked(TextKind.DATABASE) String... databases) {
        for (String database : databases) {
            alsoOn.add(texts.require(TextKind.DATABASE, database));
        }
    }

    @Word(
            value = "Nothing is done while a replica is further behind than this.",
            example = "maxLag 16.megabytes",
            byDefault = "the configured `meta.maxLag`, else 64.megabytes")
    public void maxLag(Bytes limit) {
        maxLag = limit;
    }

    @Word(
            value = "How long a statement waits for a lock; others wait behind it. Then the change is tried again.",
            example = "lockTimeout 500.milliseconds",
            byDefault = "2.seconds")
    public void lockTimeout(Duration limit) {
        lockTimeout = limit;
    }

    @Word(
            value = "How often a change is tried whose locks are not to be had, with pauses that grow to ten seconds.",
            example = "attempts 30",
            byDefault = "10")
    public void attempts(int times) {
        attempts = times;
    }

    @Word(
            value = "Whether the verify script of each change is run after it; a change that fails it is taken back.",
            example = "verify false",
            byDefault = "true")
    public void verify(boolean yes) {
        verify = yes;
    }

    @Word(
            value =
                    "Whether all changes are first deployed, verified and taken back, and the schema compared, on a restored"
                            + " backup, or a scratch database with the same schema, which is gone afterwards. Nothing is done on the real one unless that passed.",
            example = "testRevert true",
            byDefault = "false")
    public void testRevert(boolean yes) {
        testRevert = yes;
    }

    @Word(
            value = "Whether the scratch database of `testRevert` gets the rows too; it then takes as much room.",
            example = "testRevert true; testRows true",
            byDefault = "false")
    public void testRows(boolean yes) {
        testRows = yes;
    }

    /** Null for the configured one. */
    @Nullable
    Path project() {
        return project;
    }

    private RevertTest revertTest() {
        if (testRows && !testRevert) {
            throw new OperatorException(
                    "'testRows' says what 'testRevert' tests with", "testRevert true; testRows true");
        }
        return !testRevert ? RevertTest.NONE : testRows ? RevertTest.ROWS : RevertTest.SCHEMA;
    }

    MigrationWish wish(String database, MigrationSettings settings) {
        if ((to == null) == (back == null)) {
            throw new OperatorException(
                    to == null ? "'migrate' needs 'to' or 'back'" : "'migrate' says both 'to' and 'back'", EXAMPLE);
        }
        return new MigrationWish(
                database,
                alsoOn,
                to == null ? back : to,
                to == null,
                lockTimeout,
                attempts,
                maxLag == null ? settings.maxLag() : maxLag,
                verify,
                revertTest());
    }
}
