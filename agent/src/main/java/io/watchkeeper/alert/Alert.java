package io.watchkeeper.alert;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Something a person should know.
 *
 * @param severity a word the receivers route on, for example page, warning, info
 * @param labels what identifies the alert: alerts with equal labels are one alert. Always has host, runbook, severity
 */
public record Alert(String severity, String text, Map<String, String> labels) {
    public Alert {
        labels = Map.copyOf(labels);
    }

    /** The labels as one line, sorted by name: equal for equal labels, for example {@code host=ship-7,runbook=sync,severity=page}. */
    public String key() {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> escape(label.getKey()) + "=" + escape(label.getValue()))
                        .collect(Collectors.joining(","));
    }

    /** The name of the runbook that raised it; empty when it has no such label. */
    public String runbook() {
        return labels.getOrDefault("runbook", "");
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
    }
}
