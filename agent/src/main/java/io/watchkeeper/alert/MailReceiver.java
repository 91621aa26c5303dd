package io.watchkeeper.alert;

import io.watchkeeper.config.AgentConfig;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeMap;

/** Mails each notice. The end of a mere {@code info} is not worth a mail and is not sent. */
public final class MailReceiver implements AlertReceiver {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss z", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final int LONGEST_SUBJECT = 120;

    private final AgentConfig.Mail account;
    private final Duration timeout;
    private final Clock clock;

    /** @param timeout for connecting, and for each answer of the server */
    public MailReceiver(AgentConfig.Mail account, Duration timeout, Clock clock) {
        this.account = account;
        this.timeout = timeout;
        this.clock = clock;
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
        Session session = Session.getInstance(properties(notice));
        try (Transport transport = session.getTransport("smtp")) {
            MimeMessage message = message(session, notice);
            if (account.user() != null) {
                transport.connect(
                        account.user(),
                        account.password() == null ? "" : account.password().reveal());
            } else {
                transport.connect();
            }
            transport.sendMessage(message, message.getAllRecipients());
        } catch (MessagingException e) {
            throw new DeliveryException("mail server " + account.host() + ":" + account.port() + ": "
                    + String.valueOf(e.getMessage()).strip());
        }
    }

    private Properties properties(AlertNotice notice) {
        String millis = Long.toString(timeout.toMillis());
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.host", account.host());
        properties.setProperty("mail.smtp.port", Integer.toString(account.port()));
        properties.setProperty("mail.smtp.auth", Boolean.toString(account.user() != null));
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(account.startTls()));
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(account.startTls()));
        properties.setProperty("mail.smtp.connectiontimeout", millis);
        properties.setProperty("mail.smtp.timeout", millis);
        properties.setProperty("mail.smtp.writetimeout", millis);
        // Both would else be found by asking the name server, which a ship without its link waits long for.
        properties.setProperty("mail.smtp.localhost", notice.alert().labels().getOrDefault("host", "watchkeeper"));
        properties.setProperty("mail.from", account.from());
        return properties;
    }

    private MimeMessage message(Session session, AlertNotice notice) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress(account.from()));
        for (String receiver : account.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(receiver));
        }
        message.setSubject(subject(notice), "UTF-8");
        message.setText(body(notice), "UTF-8");
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
    }

    private static String subject(AlertNotice notice) {
        Alert alert = notice.alert();
        String text = alert.text().lines().findFirst().orElse("");
        String subject = "[" + (notice.firing() ? alert.severity() : "resolved") + "] "
                + alert.labels().getOrDefault("host", "") + " " + alert.runbook() + ": " + text;
        return subject.length() > LONGEST_SUBJECT ? subject.substring(0, LONGEST_SUBJECT) + " …" : subject;
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
        if (!alert.runbook().isEmpty()) {
            body.append("\nWhat happened: watchkeeper history ")
                    .append(alert.runbook())
                    .append('\n');
        }
        return body.toString();
    }
}
