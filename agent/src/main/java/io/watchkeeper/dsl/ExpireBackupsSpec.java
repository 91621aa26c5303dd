package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code expireBackups { … }} */
@Block(
        name = "expireBackups",
        value = "Which backups and which archived log stay. Each rule keeps; what none of them keeps is removed.",
        words = {
            "keep",
            "keepDumps",
            "keepBaseBackups",
            "keepWal",
            "keepLast",
            "keepAtLeast",
            "database",
            "provider",
            "pgbackrest"
        })
public final class ExpireBackupsSpec extends ProviderSpec {

    private final TextChecks texts;
    private @Nullable Duration keep;
    private @Nullable Duration keepDumps;
    private @Nullable Duration keepBaseBackups;
    private @Nullable Integer keepLast;
    private int keepAtLeast = RetentionPolicy.DEFAULT.keepAtLeast();
    private Duration keepWal = RetentionPolicy.DEFAULT.keepWal();
    private @Nullable String database;

    ExpireBackupsSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "Backups of every kind younger than this stay.",
            example = "keep 7.days",
            byDefault = "7.days, or no rule by age where `keepLast` is given")
    public void keep(Duration age) {
        keep = age;
    }

    @Word(value = "Dumps younger than this stay.", example = "keepDumps 30.days", byDefault = "as `keep` says")
    public void keepDumps(Duration age) {
        keepDumps = age;
    }

    @Word(
            value = "Base backups and incremental ones younger than this stay.",
            example = "keepBaseBackups 3.days",
            byDefault = "as `keep` says")
    public void keepBaseBackups(Duration age) {
        keepBaseBackups = age;
    }

    @Word(
            value =
                    "Archived log younger than this stays. Older log stays as long as the oldest base backup that is left needs it.",
            example = "keepWal 14.days",
            byDefault = "14.days")
    public void keepWal(Duration age) {
        keepWal = age;
    }

    @Word(
            value = "So many of the newest good backups of each kind stay.",
            example = "keepLast 5",
            byDefault = "no rule by count")
    public void keepLast(int backups) {
        keepLast = backups;
    }

    @Word(
            value =
                    "So many good backups of each kind stay however old they are. Damaged ones do not count, and the last good one"
                            + " always stays.",
            example = "keepAtLeast 3",
            byDefault = "2")
    public void keepAtLeast(int backups) {
        keepAtLeast = backups;
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

    RetentionPolicy policy() {
        return RetentionPolicy.of(keep, keepDumps, keepBaseBackups, keepLast, keepAtLeast, keepWal);
    }
}
