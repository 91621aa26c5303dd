package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.ExpiryPlan;
import io.watchkeeper.toolkit.backup.ExpiryResult;
import io.watchkeeper.toolkit.backup.IntegrityResult;
import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Expiry and verification of a stanza, with the results that those of the agent's own backups have. */
public final class StanzaKeeping {

    private final PgBackRest program;
    private final StanzaCatalogue catalogue;
    private final String database;
    private final Clock clock;

    public StanzaKeeping(PgBackRest program, BackupSettings settings, String database) {
        this.program = program;
        this.catalogue = new StanzaCatalogue(settings.catalogue(database), program.stanza());
        this.database = database;
        this.clock = settings.clock();
    }

    /** What pgBackRest says it would remove, in its own words. */
    public List<PlannedAction> describeExpiry(RetentionPolicy policy) {
        StanzaExpiry.Expired dry =
                new StanzaExpiry(program, policy).expire(catalogue.damaged(), catalogue.held(), clock.instant(), true);
        List<PlannedAction> actions = new ArrayList<>();
        dry.commands().forEach(command -> actions.add(action(command, "")));
        dry.said().forEach(line -> actions.add(action(line, "says pgBackRest")));
        dry.spared().forEach(label -> actions.add(action("keep backup " + label, "held, or in use")));
        return actions;
    }

    /**
     * Has pgBackRest remove what the policy no longer keeps.
     *
     * @throws io.watchkeeper.problem.OperatorException when somebody makes or expires backups of this database just now
     */
    public ExpiryResult expire(RetentionPolicy policy) {
        LockFile turn = catalogue.lock("expiry of " + program.work().applicationName());
        try {
            // What is new is entered first: only an entry can be held.
            catalogue.renew(program.requireInfo());
            Set<String> held = catalogue.held();
            StanzaExpiry.Expired done =
                    new StanzaExpiry(program, policy).expire(catalogue.damaged(), held, clock.instant(), false);
            catalogue.renew(program.requireInfo());
            return result(done);
        } finally {
            turn.close();
        }
    }

    private ExpiryResult result(StanzaExpiry.Expired done) {
        List<ExpiryPlan.BackupVerdict> verdicts = new ArrayList<>();
        done.expired()
                .forEach(b -> verdicts.add(new ExpiryPlan.BackupVerdict(
                        b.label(), true, "no rule keeps it", Math.max(0, b.newRepoBytes()))));
        done.kept()
                .forEach(b -> verdicts.add(new ExpiryPlan.BackupVerdict(
                        b.label(),
                        false,
                        done.spared().contains(b.fullLabel()) ? "held, or in use" : "a rule keeps it",
                        Math.max(0, b.newRepoBytes()))));
        List<String> gone = done.expired().stream().map(StanzaBackup::label).toList();
        return new ExpiryResult(database, new ExpiryPlan(verdicts, List.of(), gone, List.of()), gone, 0, 0, Map.of());
    }

    /** What a verification would run. */
    public List<PlannedAction> describeVerification() {
        return List.of(action(
                program.text("verify", List.of("--output=text", "--verbose")),
                "reads every file of the stanza; pgBackRest has no limit of its rate"));
    }

    /** Reads the stanza again, and marks its backups accordingly. */
    public IntegrityResult verify() {
        long began = System.nanoTime();
        StanzaVerification.Findings found = new StanzaVerification(program).verify();
        LockFile turn = catalogue.lock("verification of " + program.work().applicationName());
        try {
            catalogue.renew(program.requireInfo());
            catalogue.mark(found, clock.instant());
        } finally {
            turn.close();
        }
        Map<String, String> archive = new TreeMap<>();
        found.gaps()
                .forEach(problem ->
                        archive.put("of stanza " + program.stanza() + " (" + (archive.size() + 1) + ")", problem));
        return new IntegrityResult(
                database,
                found.backups().stream().map(StanzaBackup::label).toList(),
                found.segments(),
                0,
                found.backups().stream()
                        .mapToLong(backup -> Math.max(0, backup.newRepoBytes()))
                        .sum(),
                found.damaged(),
                archive,
                Map.of(),
                Duration.ofNanos(System.nanoTime() - began));
    }

    private PlannedAction action(String what, String note) {
        return new PlannedAction(database, what, LockLevel.NONE, -1, -1, note);
    }
}
