package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code audit}. */
final class AuditBlock {

    private static final TableName USUAL = new TableName("watchkeeper", "audit");

    private AuditBlock() {}

    /** @param wanted whether the block is there */
    static AgentConfig.@Nullable Audit read(ConfigNode audit, boolean wanted, List<DatabaseSettings> databases) {
        Optional<String> database = audit.text("database");
        TableName table = audit.parsed(
                        "table", "the name of a table", "write schema.table: watchkeeper.audit", AuditBlock::table)
                .orElse(USUAL);
        if (wanted && database.isEmpty()) {
            audit.missing("database", "name the database that gets a copy of the audit trail: database: shore");
        }
        return database.filter(name -> canHoldIt(audit, name, databases))
                .map(name -> new AgentConfig.Audit(name, table))
                .orElse(null);
    }

    private static Optional<TableName> table(String text) {
        try {
            return Optional.of(TableName.parse(text));
        } catch (OperatorException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean canHoldIt(ConfigNode audit, String name, List<DatabaseSettings> databases) {
        Optional<DatabaseSettings> found =
                databases.stream().filter(d -> d.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            List<String> known = databases.stream().map(DatabaseSettings::name).toList();
            audit.problem(
                    "database",
                    audit.named("database") + ": there is no database '" + name + "' in this configuration",
                    Suggestion.didYouMean(name, known) + "Configured: " + String.join(", ", known) + ".");
            return false;
        }
        String primary = found.get().standbyOf();
        if (primary != null) {
            audit.problem(
                    "database",
                    audit.named("database") + ": '" + name + "' is a standby of '" + primary
                            + "', and nothing can be written there",
                    "name '" + primary + "'.");
            return false;
        }
        return true;
    }
}
