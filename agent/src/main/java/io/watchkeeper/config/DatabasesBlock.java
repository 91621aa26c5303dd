package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.Secret;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code databases}. */
final class DatabasesBlock {

    private static final String NAME = "[\\p{L}_][\\p{L}\\p{N}_.-]{0,62}";

    /** Without user and password: reading needs none. */
    private static final Pattern PATRONI_URL = Pattern.compile("https?://[^/@\\s?#]+/?");

    private DatabasesBlock() {}

    static List<DatabaseSettings> read(ConfigNode databases) {
        Map<String, ConfigNode> blocks = databases.namedBlocks();
        List<DatabaseSettings> all = new ArrayList<>();
        blocks.forEach((name, block) -> {
            if (!name.matches(NAME)) {
                databases.problem(
                        name,
                        "'" + name + "' cannot be the name of a database",
                        "begin with a letter; letters, digits, '_', '-' and '.' may follow, 63 in all.");
            }
            all.add(readOne(name, block));
        });
        Map<String, String> relations = all.stream()
                .filter(d -> d.standbyOf() != null)
                .collect(Collectors.toMap(DatabaseSettings::name, d -> Objects.requireNonNull(d.standbyOf())));
        relations.forEach((name, primary) ->
                checkRelation(Objects.requireNonNull(blocks.get(name)), name, primary, blocks.keySet(), relations));
        all.stream()
                .filter(d -> d.monitor() != null)
                .forEach(d -> checkMonitor(
                        Objects.requireNonNull(blocks.get(d.name())),
                        Objects.requireNonNull(d.monitor()),
                        blocks.keySet()));
        return all;
    }

    private static DatabaseSettings readOne(String name, ConfigNode block) {
        Optional<DatabaseUrl> url = url(block);
        String user = block.text("user").orElse("watchkeeper");
        @Nullable Secret password = SecretKeys.password(block);
        int maxConnections = block.number("maxConnections", 1, 1000, 8);
        @Nullable String standbyOf = block.text("standbyOf").orElse(null);
        boolean local = block.flag("local", url.map(DatabaseUrl::isLoopback).orElse(false));
        @Nullable String patroni = patroni(block);
        @Nullable String monitor = block.text("autoFailoverMonitor").orElse(null);
        block.reserved(
                "via",
                "the link between two agents does not exist yet",
                "remove it, and give a 'url' that this host reaches by itself.");
        return new DatabaseSettings(
                name,
                url.map(DatabaseUrl::text).orElse(""),
                user,
                password,
                maxConnections,
                standbyOf,
                local,
                patroni,
                monitor,
                DatabaseTlsBlock.read(block),
                requireScram(block));
    }

    private static boolean requireScram(ConfigNode block) {
        boolean required = block.flag("requireScram", false);
        if (required && DatabaseTlsBlock.urlHas(block, Set.of("requireauth", "channelbinding"))) {
            block.problem(
                    "url",
                    block.named("url") + " says how to log in, and so does " + block.named("requireScram"),
                    "take requireAuth and channelBinding out of the url.");
        }
        return required;
    }

    private static @Nullable String patroni(ConfigNode block) {
        return block.parsed(
                        "patroni",
                        "an http or https address",
                        "write the REST API of any member, as http://10.9.0.2:8008.",
                        text -> PATRONI_URL.matcher(text).matches() ? Optional.of(text) : Optional.empty())
                .orElse(null);
    }

    private static void checkMonitor(ConfigNode block, String monitor, Set<String> names) {
        if (!names.contains(monitor)) {
            block.problem(
                    "autoFailoverMonitor",
                    block.named("autoFailoverMonitor") + " names '" + monitor + "', which is not in the configuration",
                    Suggestion.didYouMean(monitor, names) + "Configured: " + String.join(", ", names) + ".");
        }
    }

    private static Optional<DatabaseUrl> url(ConfigNode block) {
        if (!block.has("url")) {
            block.missing("url", "write url: jdbc:postgresql://host:5432/database.");
            return Optional.empty();
        }
        Optional<String> text = block.text("url");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(DatabaseUrl.parse(text.get()));
        } catch (DatabaseUrl.RefusedException e) {
            block.problem("url", block.named("url") + " " + e.getMessage(), e.hint());
            return Optional.empty();
        }
    }

    private static void checkRelation(
            ConfigNode block, String name, String primary, Set<String> names, Map<String, String> relations) {
        String key = block.named("standbyOf");
        if (primary.equals(name)) {
            block.problem("standbyOf", key + " names the database itself", "name its primary, or remove the line.");
        } else if (!names.contains(primary)) {
            block.problem(
                    "standbyOf",
                    key + " names '" + primary + "', which is not in the configuration",
                    Suggestion.didYouMean(primary, names) + "Configured: " + String.join(", ", names) + ".");
        } else if (leadsBackTo(name, relations)) {
            block.problem(
                    "standbyOf",
                    key + " goes round in a circle: '" + primary + "' follows '" + name + "' too",
                    "one of them is the primary: remove its standbyOf.");
        }
    }

    private static boolean leadsBackTo(String name, Map<String, String> relations) {
        Set<String> seen = new HashSet<>();
        String next = relations.get(name);
        while (next != null && seen.add(next)) {
            if (next.equals(name)) {
                return true;
            }
            next = relations.get(next);
        }
        return false;
    }
}
