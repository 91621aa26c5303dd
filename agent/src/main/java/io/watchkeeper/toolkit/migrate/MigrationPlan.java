package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.problem.OperatorException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a migration would do, found out without doing any of it.
 *
 * @param revision up to which change, or down to which
 * @param revert whether changes are taken back
 * @param databases the one that was named, and then those that are kept in step with it
 * @param digest SHA-256 in hex of all that decides what is done: the revision, the scripts, what the databases have already, and how often
 *     changes went to and fro there
 */
public record MigrationPlan(
        String project, String revision, boolean revert, List<OfDatabase> databases, String digest) {

    /** So many different people agree to what takes something away, or cannot be taken back. */
    public static final int APPROVERS = 2;

    /** @param deployed how many changes the database has @param changes that are missing, or too many, in the order they are dealt with */
    public record OfDatabase(String database, int deployed, List<PlannedChange> changes) {
        public OfDatabase {
            changes = List.copyOf(changes);
        }
    }

    public MigrationPlan {
        databases = List.copyOf(databases);
    }

    /** Changes of all databases. */
    public Stream<PlannedChange> changes() {
        return databases.stream().flatMap(one -> one.changes().stream());
    }

    public boolean isDone() {
        return changes().findAny().isEmpty();
    }

    /** Whether tables are written anew that are not small. */
    public boolean isLarge() {
        return changes().anyMatch(change -> change.rewritten().compareTo(ScriptJudge.SMALL) > 0);
    }

    /** How many different people have to agree; 0 for nobody. */
    public int approvers() {
        boolean takesAway = changes()
                .anyMatch(change -> change.phase() == Phase.CONTRACT
                        || !change.reversible()
                        || change.findings().stream()
                                .anyMatch(finding -> finding.rule().equals(WayBack.RULE)));
        return takesAway ? APPROVERS : 0;
    }

    /** What is to be done, in words. */
    public String subject() {
        String names = databases.stream().map(OfDatabase::database).collect(Collectors.joining(" and "));
        return (revert ? "revert " : "migrate ") + names + " to " + revision + " of '" + project + "'";
    }

    /** All findings, each once. */
    public List<MigrationFinding> findings() {
        return changes()
                .flatMap(change -> change.findings().stream())
                .distinct()
                .toList();
    }

    /** Why it must not be run; empty when nothing is dangerous. */
    public Optional<OperatorException> danger() {
        List<MigrationFinding> dangers = findings().stream()
                .filter(finding -> finding.severity() == MigrationFinding.Severity.DANGER)
                .toList();
        return dangers.isEmpty()
                ? Optional.empty()
                : Optional.of(new OperatorException(
                        (dangers.size() == 1 ? "1 statement is" : dangers.size() + " statements are")
                                + " too dangerous to be run: "
                                + dangers.stream().map(MigrationFinding::text).collect(Collectors.joining("; ")),
                        dangers.get(0).remedy()
                                + (MigrationFinding.mayBeAllowed(dangers.get(0).rule())
                                        ? ". Where it has to be: '-- watchkeeper: allow "
                                                + dangers.get(0).rule() + "' in the script."
                                        : ".")));
    }

    /** The statements, as a dry run shows them. */
    public List<PlannedAction> actions() {
        return changes().flatMap(change -> change.actions().stream()).toList();
    }

    /** For documents. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project", project);
        fields.put("revision", revision);
        fields.put("revert", revert);
        fields.put("digest", digest);
        fields.put("approvalsNeeded", approvers());
        fields.put(
                "databases",
                databases.stream()
                        .map(one -> Map.of(
                                "database",
                                one.database(),
                                "deployed",
                                one.deployed(),
                                "changes",
                                one.changes().stream()
                                        .map(PlannedChange::fields)
                                        .toList()))
                        .toList());
        return fields;
    }
}
