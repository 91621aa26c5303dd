package io.watchkeeper.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.units.Secret;
import jakarta.mail.Message;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Mail, over a real SMTP conversation. */
class MailReceiverTest {

    private static final Instant SINCE = Instant.parse("2026-03-01T02:00:00Z");
    private static final Clock CLOCK = Clock.fixed(SINCE, ZoneOffset.UTC);

    @Test
    void alertArrivesReadable() throws Exception {
        try (SmtpServer server = new SmtpServer(false)) {
            receiver(server, false, null, null).tell(firing("page", "연결 끊김\nsecond line"));

            MimeMessage mail = server.mails.get(0);
            assertThat(mail.getSubject()).isEqualTo("[page] ship-7 ship-sync: 연결 끊김");
            assertThat(mail.getFrom()).extracting(Object::toString).containsExactly("watchkeeper@example.org");
            assertThat(mail.getRecipients(Message.RecipientType.TO))
                    .extracting(Object::toString)
                    .containsExactly("dba@example.org", "ship7@example.org");
            assertThat(mail.getSentDate().toInstant()).isEqualTo(SINCE);
            assertThat(mail.getContent().toString())
                    .contains("연결 끊김", "second line", "since     2026-03-01", "watchkeeper history ship-sync");
        }
    }

    @Test
    void endIsMailedToo() throws Exception {
        try (SmtpServer server = new SmtpServer(false)) {
            receiver(server, false, null, null).tell(resolved("page", "cannot reach shore"));

            assertThat(server.mails.get(0).getSubject()).isEqualTo("[resolved] ship-7 ship-sync: cannot reach shore");
        }
    }

    @Test
    void endOfAMereInfoIsNotMailed() throws Exception {
        try (SmtpServer server = new SmtpServer(false)) {
            receiver(server, false, null, null).tell(resolved("info", "works again"));

            assertThat(server.mails).isEmpty();
        }
    }

    @Test
    void logsInWhereTheServerWantsIt() throws Exception {
        try (SmtpServer server = new SmtpServer(false)) {
            receiver(server, false, "agent", Secret.of("mail-password")).tell(firing("page", "x"));

            assertThat(server.logins).singleElement().asString().endsWith("\0agent\0mail-password");
            assertThat(server.mails).hasSize(1);
        }
    }

    /** A stripped STARTTLS offer must not make the agent send a password in the clear. */
    @Test
    void nothingIsSentWithoutTheStartTlsThatWasAskedFor() throws Exception {
        try (SmtpServer server = new SmtpServer(false)) {
            assertThatThrownBy(() -> receiver(server, true, "agent", Secret.of("mail-password"))
                            .tell(firing("page", "x")))
                    .isInstanceOf(AlertReceiver.DeliveryException.class)
                    .hasMessageContaining("mail server 127.0.0.1:" + server.port())
                    .hasMessageContaining("STARTTLS");
            assertThat(server.logins).isEmpty();
            assertThat(server.mails).isEmpty();
        }
    }

    @Test
    void refusedReceiverIsAFailure() throws Exception {
        try (SmtpServer server = new SmtpServer(true)) {
            assertThatThrownBy(() -> receiver(server, false, null, null).tell(firing("page", "x")))
                    .isInstanceOf(AlertReceiver.DeliveryException.class);
        }
    }

    @Test
    void serverThatSaysNothingIsNotWaitedForForever() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            AgentConfig.Mail account = account(silent.getLocalPort(), false, null, null);

            assertThatThrownBy(() -> new MailReceiver(account, Duration.ofMillis(300), CLOCK).tell(firing("page", "x")))
                    .isInstanceOf(AlertReceiver.DeliveryException.class);
        }
    }

    private static AlertNotice firing(String severity, String text) {
        return new AlertNotice(AlertDispatcherTest.alert("ship-sync", severity, text), SINCE, null, SINCE);
    }

    private static AlertNotice resolved(String severity, String text) {
        return new AlertNotice(AlertDispatcherTest.alert("ship-sync", severity, text), SINCE, SINCE, SINCE);
    }

    private static MailReceiver receiver(
            SmtpServer server, boolean startTls, @Nullable String user, @Nullable Secret password) {
        return new MailReceiver(account(server.port(), startTls, user, password), Duration.ofSeconds(10), CLOCK);
    }

    private static AgentConfig.Mail account(
            int port, boolean startTls, @Nullable String user, @Nullable Secret password) {
        return new AgentConfig.Mail(
                "127.0.0.1",
                port,
                startTls,
                user,
                password,
                "watchkeeper@example.org",
                List.of("dba@example.org", "ship7@example.org"));
    }
}
