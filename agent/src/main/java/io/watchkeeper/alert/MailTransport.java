package io.watchkeeper.alert;

import io.watchkeeper.alert.AlertReceiver.DeliveryException;
import io.watchkeeper.config.AgentConfig;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;

/** The configured mail server. */
final class MailTransport {

    private static final int LONGEST_SUBJECT = 120;

    private final AgentConfig.Mail account;
    private final Duration timeout;
    private final Clock clock;

    /** @param timeout for connecting, and for each answer of the server */
    MailTransport(AgentConfig.Mail account, Duration timeout, Clock clock) {
        this.account = account;
        this.timeout = timeout;
        this.clock = clock;
    }

    /** Puts text and whatever else into a message. */
    interface Content {
        void into(MimeMessage message) throws MessagingException;
    }

    /** @param host this host's name, as it presents itself to the server */
    void send(String host, String subject, Content content) throws DeliveryException {
        Session session = Session.getInstance(properties(host));
        try (Transport transport = session.getTransport("smtp")) {
            MimeMessage message = new MimeMessage(session);
            message.setFrom(new InternetAddress(account.from()));
            for (String receiver : account.to()) {
                message.addRecipient(Message.RecipientType.TO, new InternetAddress(receiver));
            }
            message.setSubject(
                    subject.length() > LONGEST_SUBJECT ? subject.substring(0, LONGEST_SUBJECT) + " …" : subject,
                    "UTF-8");
            content.into(message);
            message.setSentDate(Date.from(clock.instant()));
            message.setHeader("Auto-Submitted", "auto-generated");
            message.saveChanges();
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

    private Properties properties(String host) {
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
        properties.setProperty("mail.smtp.localhost", host);
        properties.setProperty("mail.from", account.from());
        return properties;
    }
}
