package io.watchkeeper.alert;

import io.watchkeeper.config.AgentConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.TreeMap;

/** Mails each notice. The end of a mere {@code info} is not worth a mail and is not sent. */
public final class MailReceiver implements AlertReceiver {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss z", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final MailTransport transport;

    /** @param timeout for connecting, and for each answer of the server */
    public MailReceiver(AgentConfig.Mail account, Duration timeout, Clock clock) {
        this.transport = new MailTransport(account, timeout, clock);
    }

    @Override
    public String name() {
        return "mail";
    }

    @Override
    public void tell(AlertNotice notice) throws DeliveryException {
        if (!notice.firing() && notice.alert().severity().equals("info")) {
            return;
        }
        transport.send(
                notice.alert().labels().getOrDefault("host", "watchkeeper"),
                subject(notice),
                message -> message.setText(body(notice), "UTF-8"));
    }

    private static String subject(AlertNotice notice) {
        Alert alert = notice.alert();
        String text = alert.text().lines().findFirst().orElse("");
        return "[" + (notice.firing() ? alert.severity() : "resolved") + "] "
                + alert.labels().getOrDefault("host", "") + " " + alert.runbook() + ": " + text;
    }

    private static String body(AlertNotice notice) {
        Alert alert = notice.alert();
        StringBuilder body = new StringBuilder(alert.text()).append("\n\n");
        body.append("since     ").append(TIME.format(notice.since())).append('\n');
        if (notice.resolvedAt() != null) {
            body.append("resolved  ").append(TIME.format(notice.resolvedAt())).append('\n');
        }
        new TreeMap<>(alert.labels())
                .forEach((name, value) -> body.append(String.format(Locale.ROOT, "%-9s %s", name, value))
                        .append('\n'));
        // What the agent watches by itself goes by a name that no runbook can have.
        if (!alert.runbook().isEmpty() && !alert.runbook().contains(" ")) {
            body.append("\nWhat happened: watchkeeper history ")
                    .append(alert.runbook())
                    .append('\n');
        }
        return body.toString();
    }
}
