package io.watchkeeper.alert;

import io.watchkeeper.config.AgentConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The receivers a configuration asks for. */
public final class ConfiguredReceivers {

    /** A run may wait this long for each receiver that does not answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    private ConfiguredReceivers() {}

    /** The log always; Alertmanager, webhook and mail where configured. */
    public static List<AlertReceiver> of(AgentConfig config, Clock clock) {
        AgentConfig.Alerts alerts = config.alerts();
        List<AlertReceiver> receivers = new ArrayList<>();
        receivers.add(new LogReceiver());
        if (alerts.alertmanager() != null) {
            receivers.add(new AlertmanagerReceiver(alerts.alertmanager(), page(config), TIMEOUT));
        }
        if (alerts.webhook() != null) {
            receivers.add(
                    new WebhookReceiver(alerts.webhook().url(), alerts.webhook().token(), TIMEOUT));
        }
        if (alerts.mail() != null) {
            receivers.add(new MailReceiver(alerts.mail(), TIMEOUT, clock));
        }
        return receivers;
    }

    /** Who mails reports; empty where no mail is configured, or none of reports is wanted. */
    public static Optional<ReportMail> reportMail(AgentConfig config, Clock clock) {
        return Optional.ofNullable(config.alerts().mail())
                .filter(account -> !account.reports().isEmpty())
                .map(account -> new ReportMail(account, config.host().name(), TIMEOUT, clock));
    }

    /** The agent's page as another host would ask for it; on every address, the host's name stands in. */
    private static @Nullable URI page(AgentConfig config) {
        InetSocketAddress listen = config.http().listen();
        try {
            return new URI(
                    config.http().tls() == null ? "http" : "https",
                    null,
                    listen.getAddress().isAnyLocalAddress() ? config.host().name() : listen.getHostString(),
                    listen.getPort(),
                    "/",
                    null,
                    null);
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
