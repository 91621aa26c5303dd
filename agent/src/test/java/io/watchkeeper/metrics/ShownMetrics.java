package io.watchkeeper.metrics;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics of a page in Prometheus' text format, by name. */
public final class ShownMetrics {

    private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    private final Map<String, Family> families = new TreeMap<>();

    /** Series by their whole name: a histogram's end in _bucket, _sum and _count. */
    private final Map<String, Set<String>> labels = new LinkedHashMap<>();

    /** @param labels of any series, {@code le} not among them */
    public record Family(String name, String type, String help, Set<String> labels) {}

    private ShownMetrics() {}

    public static ShownMetrics parse(String page) {
        ShownMetrics shown = new ShownMetrics();
        Map<String, String> helps = new LinkedHashMap<>();
        page.lines().forEach(line -> {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                helps.put(words[2], words.length > 3 ? words[3] : "");
            } else if (line.startsWith("# TYPE ")) {
                shown.families.put(
                        words[2], new Family(words[2], words[3], helps.getOrDefault(words[2], ""), new TreeSet<>()));
            } else if (!line.isBlank()) {
                shown.add(line);
            }
        });
        return shown;
    }

    private void add(String line) {
        Matcher series = SERIES.matcher(line);
        if (!series.matches()) {
            throw new IllegalArgumentException("no series: " + line);
        }
        Set<String> names = labels.computeIfAbsent(series.group(1), name -> new LinkedHashSet<>());
        family(series.group(1)).ifPresent(family -> {
            Matcher label = LABEL.matcher(Optional.ofNullable(series.group(2)).orElse(""));
            while (label.find()) {
                names.add(label.group(1));
                if (!label.group(1).equals("le")) {
                    family.labels().add(label.group(1));
                }
            }
        });
    }

    private Optional<Family> family(String series) {
        return Optional.ofNullable(families.get(series))
                .or(() -> Optional.ofNullable(families.get(series.replaceFirst("_(bucket|sum|count)$", ""))));
    }

    /** By name. */
    public Map<String, Family> families() {
        return families;
    }

    /** The labels of a series; empty when there is no series of that name. */
    public Optional<Set<String>> labelsOf(String series) {
        return Optional.ofNullable(labels.get(series));
    }
}
