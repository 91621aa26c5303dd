package io.watchkeeper.protection;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a repository might hold, put together for tests of those who show it. */
public final class MadeUpProtection {

    private final Instant now;
    private final List<BackupState> backups = new ArrayList<>();
    private final List<WalState> archives = new ArrayList<>();
    private final List<DrillState> drills = new ArrayList<>();

    public MadeUpProtection(Instant now) {
        this.now = now;
    }

    public MadeUpProtection backup(String database, String kind, Duration ago, String... damages) {
        return add(database, kind, ago, null, damages);
    }

    public MadeUpProtection heldBackup(String database, String kind, Duration ago, String held) {
        return add(database, kind, ago, held);
    }

    private MadeUpProtection add(String database, String kind, Duration ago, @Nullable String held, String... damages) {
        Instant at = now.minus(ago);
        backups.add(new BackupState(
                database,
                "id-" + database + "-" + backups.size() + "-" + kind,
                kind,
                "native",
                at.minusSeconds(60),
                at,
                60_000,
                3 << 20,
                List.of(damages),
                damages.length == 0 ? at : null,
                null,
                held));
        return this;
    }

    public MadeUpProtection archive(String database, Duration behind, String... problems) {
        archives.add(new WalState(database, now.minus(behind), true, "0/5000000", true, 0L, 0L, List.of(problems)));
        return this;
    }

    /** One of which only its files are known: its server was not asked. */
    public MadeUpProtection filesOf(String database, Duration ago) {
        archives.add(new WalState(database, now.minus(ago), false, "0/5000000", false, null, null, List.of()));
        return this;
    }

    /** One that could not be read. */
    public MadeUpProtection unreadableArchive(String database, String problem) {
        archives.add(new WalState(database, null, false, null, false, null, null, List.of(problem)));
        return this;
    }

    public MadeUpProtection drill(String database, Duration ago, boolean passed, double rpo, double rto) {
        drills.add(new DrillState(
                database,
                "id",
                now.minus(ago),
                passed,
                rpo,
                rto,
                now.minus(ago),
                "01JDRILL",
                passed ? List.of() : List.of("check 'tickets' was not true")));
        return this;
    }

    public Protection build() {
        return new Protection("/var/backups/watchkeeper", backups, archives, drills);
    }
}
