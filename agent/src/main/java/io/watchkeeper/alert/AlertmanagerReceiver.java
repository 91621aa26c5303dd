package io.watchkeeper.alert;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Alertmanager's API, version 2. Every alert is called {@value #ALERT_NAME} and told apart by host, runbook and severity, so
 * that routes and silences can be written before the first one fires. Alertmanager forgets what it is not told again; the end
 * time sent along lies well after the next repetition.
 */
public final class AlertmanagerReceiver implements AlertReceiver {

    static final String ALERT_NAME = "watchkeeper_runbook_alert";

    private final JsonPoster poster;
    private final @Nullable URI page;

    /**
     * @param base Alertmanager's address, for example {@code http://127.0.0.1:9093}; a path prefix is kept
     * @param page the agent's own page, which the alert links to; null for no link
     */
    public AlertmanagerReceiver(URI base, @Nullable URI page, Duration timeout) {
        this.poster = new JsonPoster(alertsAddress(base), null, timeout);
        this.page = page;
    }

    @Override
    public String name() {
        return "alertmanager";
    }

    @Override
    public void tell(AlertNotice notice) throws DeliveryException {
        Alert alert = notice.alert();
        Map<String, String> labels = new TreeMap<>();
        alert.labels().forEach((name, value) -> {
            if (!value.isEmpty()) {
                labels.put(labelName(name), value);
            }
        });
        labels.put("alertname", ALERT_NAME);
        labels.put("severity", alert.severity());
        Instant end = Objects.requireNonNullElse(notice.resolvedAt(), notice.firingUntil());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("labels", labels);
        body.put("annotations", Map.of("summary", alert.text()));
        body.put("startsAt", notice.since().toString());
        body.put("endsAt", end.toString());
        if (page != null) {
            body.put("generatorURL", page.toString());
        }
        poster.post(List.of(body));
    }

    private static URI alertsAddress(URI base) {
        String text = base.toString();
        return URI.create((text.endsWith("/") ? text : text + "/") + "api/v2/alerts");
    }

    /** Prometheus' names are stricter than a runbook's. */
    private static String labelName(String name) {
        String fit = name.replaceAll("[^A-Za-z0-9_]", "_");
        return fit.isEmpty() || Character.isDigit(fit.charAt(0)) ? "_" + fit : fit;
    }
}
