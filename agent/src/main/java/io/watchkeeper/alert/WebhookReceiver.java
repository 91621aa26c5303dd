package io.watchkeeper.alert;

import io.watchkeeper.units.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Posts each notice as one JSON object: {@code status} (firing or resolved), {@code severity}, {@code text}, {@code labels},
 * {@code startsAt} and, once resolved, {@code endsAt}.
 */
public final class WebhookReceiver implements AlertReceiver {

    private final JsonPoster poster;

    /** @param token sent as bearer; null for none */
    public WebhookReceiver(URI address, @Nullable Secret token, Duration timeout) {
        this.poster = new JsonPoster(address, token, timeout);
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public void tell(AlertNotice notice) throws DeliveryException {
        Alert alert = notice.alert();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", notice.firing() ? "firing" : "resolved");
        body.put("severity", alert.severity());
        body.put("text", alert.text());
        body.put("labels", new TreeMap<>(alert.labels()));
        body.put("startsAt", notice.since().toString());
        if (notice.resolvedAt() != null) {
            body.put("endsAt", notice.resolvedAt().toString());
        }
        poster.post(body);
    }
}
