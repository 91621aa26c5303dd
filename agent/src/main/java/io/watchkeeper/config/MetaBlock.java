package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code meta}. */
final class MetaBlock {

    private static final List<String> DAYS = List.of("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");
    private static final Pattern WINDOW = Pattern.compile(
            "(\\d\\d:\\d\\d)\\s*-\\s*(\\d\\d:\\d\\d)(?:\\s+(MON|TUE|WED|THU|FRI|SAT|SUN)(?:\\s*-\\s*(MON|TUE|WED|THU|FRI|SAT|SUN))?)?");

    private MetaBlock() {}

    /** @param wanted whether the block is there */
    static AgentConfig.@Nullable Meta read(ConfigNode meta, boolean wanted, List<DatabaseSettings> databases) {
        Optional<String> database = meta.text("database");
        @Nullable Path migrations = meta.path("migrations").orElse(null);
        Map<String, AgentConfig.Tenancy> plans = plans(meta.block("plans"));
        List<Schedule.Blackout> avoid = avoided(meta);
        ZoneId zone = meta.parsed("zone", "a time zone", "write one like Asia/Seoul.", MetaBlock::zone)
                .orElse(ZoneId.of("UTC"));
        Bytes maxLag = meta.size("maxLag", Bytes.kilobytes(1), Bytes.gigabytes(1_000), AgentConfig.Meta.MAX_LAG);
        if (!wanted) {
            return null;
        }
        if (database.isEmpty()) {
            meta.missing("database", "name the database that holds the tenants: database: shore");
        }
        if (migrations != null && !Files.isRegularFile(migrations.resolve("sqitch.plan"))) {
            meta.problem(
                    "migrations",
                    meta.named("migrations") + ": " + migrations + " has no sqitch.plan",
                    "name the folder of a Sqitch project: sqitch init NAME --engine pg makes one.");
        }
        return database.filter(name -> isThere(meta, name, databases))
                .map(name -> new AgentConfig.Meta(name, migrations, plans, avoid, zone, maxLag))
                .orElse(null);
    }

    private static List<Schedule.Blackout> avoided(ConfigNode meta) {
        List<Schedule.Blackout> read = new ArrayList<>();
        for (String text : meta.texts("avoid")) {
            Optional<Schedule.Blackout> window = window(text);
            if (window.isEmpty()) {
                meta.problem(
                        "avoid",
                        meta.named("avoid") + " has '" + text + "', which is not a time of day",
                        "write '08:00-18:00', or '08:00-18:00 MON-FRI'.");
            }
            window.ifPresent(read::add);
        }
        return read;
    }

    private static Optional<Schedule.Blackout> window(String text) {
        Matcher m = WINDOW.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!m.matches()) {
            return Optional.empty();
        }
        int first = m.group(3) == null ? 0 : DAYS.indexOf(m.group(3));
        int last = m.group(3) == null ? DAYS.size() - 1 : m.group(4) == null ? first : DAYS.indexOf(m.group(4));
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (int day = first; ; day = (day + 1) % DAYS.size()) {
            days.add(DayOfWeek.of(day + 1));
            if (day == last) {
                break;
            }
        }
        try {
            return Optional.of(new Schedule.Blackout(LocalTime.parse(m.group(1)), LocalTime.parse(m.group(2)), days));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<ZoneId> zone(String name) {
        try {
            return Optional.of(ZoneId.of(name));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Map<String, AgentConfig.Tenancy> plans(ConfigNode plans) {
        Map<String, AgentConfig.Tenancy> read = new LinkedHashMap<>();
        for (String plan : plans.names()) {
            plans.parsed(plan, "a way to keep tenants apart", "write schema or rls.", MetaBlock::tenancy)
                    .ifPresent(tenancy -> read.put(plan, tenancy));
        }
        return read;
    }

    private static Optional<AgentConfig.Tenancy> tenancy(String word) {
        return switch (word) {
            case "schema" -> Optional.of(AgentConfig.Tenancy.SCHEMA);
            case "rls" -> Optional.of(AgentConfig.Tenancy.RLS);
            default -> Optional.empty();
        };
    }

    private static boolean isThere(ConfigNode meta, String name, List<DatabaseSettings> databases) {
        List<String> known = databases.stream().map(DatabaseSettings::name).toList();
        if (!known.contains(name)) {
            meta.problem(
                    "database",
                    meta.named("database") + ": there is no database '" + name + "' in this configuration",
                    Suggestion.didYouMean(name, known) + "Configured: " + String.join(", ", known) + ".");
        }
        return known.contains(name);
    }
}
