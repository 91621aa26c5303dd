package io.watchkeeper.cli;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The databases that a new runbook is about: as they were given, else from the configuration, and it is said where that was a guess. */
final class ChosenDatabases {

    /** What a source is called where there is a choice. */
    private static final List<String> SOURCES = List.of("shore", "primary", "main", "source");

    private final Optional<AgentConfig> config;
    private final @Nullable String database;
    private final @Nullable String source;
    private final @Nullable String target;
    private final List<String> remarks = new ArrayList<>();

    ChosenDatabases(
            Optional<AgentConfig> config, @Nullable String database, @Nullable String source, @Nullable String target) {
        this.config = config;
        this.database = database;
        this.source = source;
        this.target = target;
    }

    /** What somebody should know of the choice, after {@link #valuesFor}. */
    List<String> remarks() {
        return List.copyOf(remarks);
    }

    /**
     * The places of the template and what stands there.
     *
     * @throws UsageException when a name is not configured, or there are too few databases
     */
    Map<String, String> valuesFor(RunbookTemplate template) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> known = known();
        if (template.needsPair()) {
            String from = source != null ? checked(source, known) : first(known, target);
            String to = target != null ? checked(target, known) : other(known, from);
            values.put("source", from);
            values.put("target", to);
            boolean guessed = isGuess(known);
            if (guessed) {
                guess(
                        "source " + from + " and target " + to + ", whose rows are overwritten,",
                        known,
                        "--source and --target");
            }
            values.put("overwritten", guessed ? "    // EDIT: this one is overwritten" : "");
        } else if (template.needsDatabase()) {
            String one = database != null ? checked(database, known) : first(known, null);
            values.put("database", one);
            if (database == null && known.size() > 1) {
                guess("database " + one, known, "--database");
            }
        }
        values.put(
                "note",
                remarks.isEmpty() ? "" : "// EDIT: the databases. Configured are " + String.join(", ", known) + ".\n");
        return values;
    }

    /** Whether nothing but the order in which they are configured says which of a pair is the source. */
    private boolean isGuess(List<String> known) {
        if (source != null && target != null) {
            return false;
        }
        boolean named = source != null || target != null;
        long sources = known.stream().filter(SOURCES::contains).count();
        return known.size() > 2 || (!named && sources != 1);
    }

    private void guess(String what, List<String> known, String option) {
        remarks.add("The " + what + " is a guess among " + String.join(", ", known) + ": edit it, or say it with "
                + option + ".");
    }

    /** Those that can be written; without a configuration those of the documents. */
    private List<String> known() {
        if (config.isEmpty()) {
            remarks.add("There is no configuration, so the names of databases are those of the documents.");
            return List.of("shore", "ship");
        }
        List<String> names = config.get().databases().stream()
                .filter(one -> one.standbyOf() == null)
                .map(DatabaseSettings::name)
                .toList();
        if (names.isEmpty()) {
            throw new UsageException(
                    "the configuration " + config.get().file() + " has no database", "add one to 'databases'.");
        }
        return names;
    }

    private String checked(String name, List<String> known) {
        List<String> all = config.map(
                        c -> c.databases().stream().map(DatabaseSettings::name).toList())
                .orElse(List.of(name));
        if (!all.contains(name)) {
            throw new UsageException(
                    "database '" + name + "' is not in the configuration",
                    Suggestion.didYouMean(name, all) + "Configured: " + String.join(", ", known) + ".");
        }
        return name;
    }

    private static String first(List<String> known, @Nullable String notThis) {
        List<String> left = known.stream().filter(name -> !name.equals(notThis)).toList();
        return SOURCES.stream()
                .filter(left::contains)
                .findFirst()
                .orElseGet(() -> left.isEmpty() ? known.get(0) : left.get(0));
    }

    private static String other(List<String> known, String from) {
        return known.stream()
                .filter(name -> !name.equals(from))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "this template needs two databases, and '" + from + "' is the only one configured",
                        "add the other end to 'databases', or see 'watchkeeper new --list' for templates with one."));
    }
}
