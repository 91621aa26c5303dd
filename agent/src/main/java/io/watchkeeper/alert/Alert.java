package io.watchkeeper.alert;

import java.util.Map;

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
}
