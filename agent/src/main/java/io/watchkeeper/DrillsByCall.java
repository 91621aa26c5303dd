package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.http.DrillMaker;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The drills that are asked for over HTTP. */
record DrillsByCall(AgentConfig config, Clock clock) implements DrillMaker {

    @Override
    public Runbook drill(@Nullable String database, @Nullable String timestamp, @Nullable String lsn) {
        return DrillRequest.of(which(database), new RecoveryWords(timestamp, lsn, null))
                .runbook(config, clock);
    }

    private String which(@Nullable String asked) {
        BackupSettings backups = ConfiguredToolkit.backups(config, clock);
        Path unused = backups.requireRepository();
        List<String> configured =
                config.databases().stream().map(DatabaseSettings::name).toList();
        if (asked != null) {
            if (!configured.contains(asked)) {
                throw new OperatorException(
                        "database '" + asked + "' is not in the configuration",
                        Suggestion.didYouMean(asked, configured) + "Configured: " + String.join(", ", configured)
                                + ".");
            }
            return asked;
        }
        List<String> backedUp = backups.catalogues().stream()
                .map(Catalogue::database)
                .filter(configured::contains)
                .toList();
        if (backedUp.size() != 1) {
            throw new OperatorException(
                    backedUp.isEmpty()
                            ? "no database of the configuration has backups"
                            : "several databases have backups: " + String.join(", ", backedUp),
                    backedUp.isEmpty()
                            ? "watchkeeper backup base makes the first one."
                            : "Name one: {\"database\": \"" + backedUp.get(0) + "\", …}.");
        }
        return backedUp.get(0);
    }
}
