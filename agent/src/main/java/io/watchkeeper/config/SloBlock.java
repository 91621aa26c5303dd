package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code slo}. */
final class SloBlock {

    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration USUAL = Duration.ofMinutes(1);

    /** The shortest window that is judged; with fewer probes than these in it nothing would ever be said. */
    private static final Duration WINDOW = Duration.ofMinutes(5);

    private static final int LEAST = 20;
    private static final int MOST_PROBES = 1_000;

    private SloBlock() {}

    static Promises read(ConfigNode slo, List<DatabaseSettings> databases) {
        Duration every = slo.duration("every", SHORTEST, USUAL);
        if (every.compareTo(WINDOW) > 0) {
            slo.problem(
                    "every",
                    slo.named("every") + " is " + DurationText.say(every) + ", which is longer than the "
                            + DurationText.say(WINDOW) + " that are judged",
                    "look at least every " + DurationText.say(WINDOW) + ": 1 min is usual.");
        }
        ConfigNode block = slo.block("databases");
        Map<String, Promise> promises = new LinkedHashMap<>();
        block.namedBlocks().forEach((name, promised) -> {
            requireKnown(block, name, databases);
            promises.put(name, promise(promised, every));
        });
        return new Promises(every, promises);
    }

    private static void requireKnown(ConfigNode block, String name, List<DatabaseSettings> databases) {
        List<String> known = databases.stream().map(DatabaseSettings::name).toList();
        if (!known.contains(name)) {
            block.problem(
                    name,
                    block.named(name) + ": there is no database '" + name + "' in this configuration",
                    Suggestion.didYouMean(name, known) + "Configured: " + String.join(", ", known) + ".");
        }
    }

    private static Promise promise(ConfigNode promised, Duration every) {
        Promise usual = Promise.USUAL;
        Duration readP95 = promised.duration("readP95", Duration.ofMillis(1), usual.readP95());
        Duration writeP95 = promised.duration("writeP95", Duration.ofMillis(1), usual.writeP95());
        Ratio errors = promised.parsed(
                        "errors",
                        "a share from above 0 to 100 %",
                        "write a number and a percent sign: 0.5%.",
                        SloBlock::share)
                .orElse(usual.errors());
        boolean rollbacks = promised.flag("rollbacks", usual.rollbacks());
        boolean probe = promised.flag("probe", usual.probe());
        int probes = promised.number("probes", 1, MOST_PROBES, usual.probes());
        long looks = Math.max(1, WINDOW.toMillis() / every.toMillis());
        if (probe && probes * looks < LEAST) {
            promised.problem(
                    "probes",
                    promised.named("probes") + " is " + probes + ", which makes " + probes * looks + " in "
                            + DurationText.say(WINDOW) + "; fewer than " + LEAST + " say nothing",
                    "write at least " + (LEAST + looks - 1) / looks + ", or look more often.");
        }
        return new Promise(readP95, writeP95, errors, rollbacks, probe, probes);
    }

    private static Optional<Ratio> share(String text) {
        return Ratio.parse(text).filter(share -> share.share() > 0 && share.share() <= 1);
    }
}
