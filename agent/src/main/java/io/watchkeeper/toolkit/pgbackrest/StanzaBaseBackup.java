package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BaseBackupResult;
import io.watchkeeper.units.DurationText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A base backup made by pgBackRest, with the result that one of the agent's own has. */
public final class StanzaBaseBackup {

    private final PgBackRest program;
    private final StanzaCatalogue catalogue;
    private final String database;
    private final Clock clock;

    public StanzaBaseBackup(PgBackRest program, BackupSettings settings, String database) {
        this.program = program;
        this.catalogue = new StanzaCatalogue(settings.catalogue(database), program.stanza());
        this.database = database;
        this.clock = settings.clock();
    }

    /** @param fullAfter how old the newest whole backup may be for another type than that */
    public List<PlannedAction> describe(StanzaBackupMaker.Options options, Duration fullAfter) {
        StanzaBackupMaker.Options wanted = due(program.requireInfo(), options, fullAfter);
        boolean held = !catalogue.held().isEmpty();
        boolean expireAfter = expiresAfter(options);
        StanzaBackupMaker.Options all = expireAfter || held ? wanted.keepingAll() : wanted;
        List<PlannedAction> actions = new ArrayList<>(List.of(action(new StanzaBackupMaker(program).describe(all))));
        if (expireAfter && !held) {
            actions.add(action(program.text("expire", List.of())));
        }
        return actions;
    }

    private PlannedAction action(String command) {
        return new PlannedAction(database, command, LockLevel.NONE, -1, -1, "runs as the cluster's owner");
    }

    /**
     * Whether pgBackRest would expire by its own rules after the backup, hours after what is held was looked at: so it is told to later.
     */
    private boolean expiresAfter(StanzaBackupMaker.Options options) {
        return !options.keepAll() && program.configuration().expiresAfterBackups(program.stanza());
    }

    private StanzaBackupMaker.Options due(StanzaInfo info, StanzaBackupMaker.Options options, Duration fullAfter) {
        Instant oldest = clock.instant().minus(fullAfter);
        boolean young = info.backups().stream()
                .anyMatch(b ->
                        b.type() == StanzaBackup.Type.FULL && b.finishedAt().isAfter(oldest));
        return young ? options : options.withType(StanzaBackup.Type.FULL);
    }

    /** As pgBackRest would have done it itself. @param wanted whether that is known @return what a person should know of it */
    private List<String> expire(boolean wanted) {
        if (!catalogue.held().isEmpty()) {
            return List.of("a backup is held or in use, so pgBackRest was kept from expiring any");
        }
        if (!wanted) {
            return List.of();
        }
        List<String> warnings;
        try {
            warnings = program.run("expire", List.of()).log().warnings();
        } catch (OperatorException e) {
            return List.of("pgBackRest's expire failed: " + e.getMessage());
        }
        catalogue.renew(program.requireInfo());
        return warnings;
    }

    /** @throws OperatorException when no backup was made, or one that holds pages with wrong checksums */
    public BaseBackupResult run(StanzaBackupMaker.Options options, Duration fullAfter) {
        long began = System.nanoTime();
        LockFile turn = catalogue.lock("base backup of " + program.work().applicationName());
        try {
            boolean expireAfter = expiresAfter(options);
            boolean keepAll = expireAfter || !catalogue.held().isEmpty();
            StanzaBackupMaker.Options wanted = due(program.requireInfo(), options, fullAfter);
            StanzaBackupMaker.Options all = keepAll ? wanted.keepingAll() : wanted;
            StanzaBackupMaker.Made made = new StanzaBackupMaker(program).make(all);
            Duration copying = Duration.ofNanos(System.nanoTime() - began);
            catalogue.renew(program.requireInfo());
            List<String> notes = new ArrayList<>(made.warnings());
            if (wanted.type() != options.type()) {
                notes.add("a whole backup, because there is none younger than " + DurationText.say(fullAfter));
            }
            if (made.backup().damagedPages()) {
                throw new OperatorException(
                        "backup " + made.backup().label() + " of '" + database
                                + "' holds pages with wrong checksums, as the server's files do",
                        "pgBackRest's log and its info --set=" + made.backup().label()
                                + " name the files: the disk, or its controller, is the likely cause.");
            }
            if (keepAll && !options.keepAll()) {
                notes.addAll(expire(expireAfter));
            }
            return new BaseBackupResult(
                    catalogue.entry(made.backup().label()),
                    false,
                    Duration.ofNanos(System.nanoTime() - began),
                    copying,
                    notes);
        } finally {
            turn.close();
        }
    }
}
