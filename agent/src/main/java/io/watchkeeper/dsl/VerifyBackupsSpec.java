package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.IntegrityPlan;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code verifyBackups { … }} */
@Block(
        name = "verifyBackups",
        value = "How backups and archived log are read again.",
        words = {"rateLimit", "newest", "atMost", "database", "provider", "pgbackrest"})
public final class VerifyBackupsSpec extends ProviderSpec {

    private final TextChecks texts;
    private Bytes rateLimit = IntegrityPlan.DEFAULT.rateLimit();
    private @Nullable Integer newest;
    private @Nullable Duration atMost;
    private @Nullable String database;

    VerifyBackupsSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "At most so much is read per second, so that the disk has time for others.",
            example = "rateLimit 20.megabytes",
            byDefault = "50.megabytes")
    public void rateLimit(Bytes perSecond) {
        rateLimit = perSecond;
    }

    @Word(value = "Only so many of the newest backups.", example = "newest 3", byDefault = "all")
    public void newest(int backups) {
        newest = backups;
    }

    @Word(
            value =
                    "After this nothing new is begun. What was verified longest ago comes first, so the next verification goes on"
                            + " from there.",
            example = "atMost 2.hours",
            byDefault = "no limit")
    public void atMost(Duration time) {
        atMost = time;
    }

    @Word(
            value = "The only database whose backups are meant.",
            example = "database 'shore'",
            byDefault = "every one that the repository knows")
    public void database(@Checked(TextKind.DATABASE) String name) {
        database = texts.require(TextKind.DATABASE, name);
    }

    @Nullable
    String database() {
        return database;
    }

    /** @throws OperatorException when something is written that pgBackRest cannot keep to */
    void requirePgBackRestsOwn() {
        requireNative(!rateLimit.equals(IntegrityPlan.DEFAULT.rateLimit()), "rateLimit", "it reads as fast as it can");
        requireNative(newest != null, "newest", "it reads the whole stanza");
        requireNative(atMost != null, "atMost", "it reads the whole stanza");
    }

    IntegrityPlan plan() {
        return new IntegrityPlan(rateLimit, newest, atMost);
    }
}
