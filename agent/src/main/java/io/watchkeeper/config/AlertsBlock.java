package io.watchkeeper.config;

import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.units.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code alerts}. */
final class AlertsBlock {

    private AlertsBlock() {}

    static AgentConfig.Alerts read(ConfigNode alerts) {
        return new AgentConfig.Alerts(
                address(alerts, "alertmanager").orElse(null),
                webhook(alerts),
                mail(alerts),
                alerts.duration("repeatEvery", Duration.ofMinutes(1), Duration.ofHours(4)));
    }

    private static AgentConfig.@Nullable Webhook webhook(ConfigNode alerts) {
        boolean wanted = alerts.has("webhook");
        ConfigNode webhook = alerts.block("webhook");
        Optional<URI> url = address(webhook, "url");
        @Nullable Secret token = SecretKeys.fromFile(webhook, "tokenFile");
        if (wanted && !webhook.has("url")) {
            webhook.missing("url", "write where alerts are posted to.");
        }
        return url.map(u -> new AgentConfig.Webhook(u, token)).orElse(null);
    }

    private static AgentConfig.@Nullable Mail mail(ConfigNode alerts) {
        boolean wanted = alerts.has("mail");
        ConfigNode mail = alerts.block("mail");
        Optional<String> host = mail.text("host");
        boolean startTls = mail.flag("startTls", true);
        int port = mail.number("port", 1, 65_535, startTls ? 587 : 25);
        @Nullable String user = mail.text("user").orElse(null);
        @Nullable Secret password = SecretKeys.password(mail);
        Optional<String> from = mail.text("from").filter(a -> isMailAddress(mail, "from", a));
        List<String> to = mail.texts("to").stream()
                .filter(a -> isMailAddress(mail, "to", a))
                .toList();
        Set<Checklist> reports = reports(mail);
        if (!wanted) {
            return null;
        }
        for (String needed : List.of("host", "from", "to")) {
            if (!mail.has(needed)) {
                mail.missing(needed, "mail needs 'host', 'from' and 'to'.");
            }
        }
        if (password != null && user == null) {
            mail.missing("user", "a password needs the user it belongs to.");
        }
        if (password != null && !startTls && !DatabaseUrl.isLoopback(host.orElse("localhost"))) {
            mail.warning(
                    "startTls",
                    mail.named("startTls") + " is false: the password travels readable to " + host.orElse(""),
                    "remove the line, if the mail server can do STARTTLS.");
        }
        return new AgentConfig.Mail(host.orElse(""), port, startTls, user, password, from.orElse(""), to, reports);
    }

    private static Set<Checklist> reports(ConfigNode mail) {
        List<String> names = mail.texts("reports");
        if (!mail.has("reports")) {
            return EnumSet.allOf(Checklist.class);
        }
        Set<Checklist> reports = EnumSet.noneOf(Checklist.class);
        List<String> known =
                Arrays.stream(Checklist.values()).map(Checklist::wireName).toList();
        for (String name : names) {
            Optional<Checklist> kind = Checklist.ofWireName(name);
            kind.ifPresent(reports::add);
            if (kind.isEmpty()) {
                mail.problem(
                        "reports",
                        mail.named("reports") + " has '" + name + "', which is no kind of checklist",
                        Suggestion.didYouMean(name, known) + "Kinds: " + String.join(", ", known) + "; [] for none.");
            }
        }
        return reports;
    }

    private static boolean isMailAddress(ConfigNode mail, String key, String text) {
        boolean fits = text.matches("[^@\\s<>,]+@[^@\\s<>,]+");
        if (!fits) {
            mail.problem(key, mail.named(key) + " has '" + text + "', which is not a mail address", "write name@host.");
        }
        return fits;
    }

    private static Optional<URI> address(ConfigNode node, String key) {
        Optional<String> text = node.text(key);
        Optional<URI> uri = text.flatMap(AlertsBlock::uri);
        if (text.isPresent() && uri.isEmpty()) {
            // Not shown: what is wrong with it may be a password in it.
            node.problem(
                    key,
                    node.named(key) + " is not an http or https address without a login in it",
                    "write https://host:port/path; a token goes into a file of its own.");
        }
        return uri;
    }

    private static Optional<URI> uri(String text) {
        try {
            URI uri = new URI(text);
            boolean fits = ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null;
            return fits ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
