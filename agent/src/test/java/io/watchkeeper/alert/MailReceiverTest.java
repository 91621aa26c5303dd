package io.watchkeeper.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.units.Secret;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
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

    /** As much of SMTP as one client at a time needs. */
    private static final class SmtpServer implements AutoCloseable {
        private final ServerSocket socket;
        private final boolean refuseReceivers;
        private final List<MimeMessage> mails = new CopyOnWriteArrayList<>();
        private final List<String> logins = new CopyOnWriteArrayList<>();

        SmtpServer(boolean refuseReceivers) throws IOException {
            this.refuseReceivers = refuseReceivers;
            socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            Thread thread = new Thread(this::serve, "smtp-server");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return socket.getLocalPort();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    converse(client);
                } catch (Exception e) {
                    // The client went away, or the test is over.
                }
            }
        }

        private void converse(Socket client) throws Exception {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = client.getOutputStream();
            say(out, "220 test");
            String line;
            while ((line = in.readLine()) != null) {
                String command = line.split(" ")[0].toUpperCase(java.util.Locale.ROOT);
                switch (command) {
                    case "EHLO" -> say(out, "250-test\r\n250 AUTH PLAIN");
                    case "AUTH" -> {
                        logins.add(new String(Base64.getDecoder().decode(line.split(" ")[2]), StandardCharsets.UTF_8));
                        say(out, "235 welcome");
                    }
                    case "RCPT" -> say(out, refuseReceivers ? "550 nobody here" : "250 fine");
                    case "DATA" -> {
                        say(out, "354 go on");
                        mails.add(message(in));
                        say(out, "250 taken");
                    }
                    case "QUIT" -> {
                        say(out, "221 bye");
                        return;
                    }
                    default -> say(out, "250 fine");
                }
            }
        }

        private static MimeMessage message(BufferedReader in) throws Exception {
            StringBuilder text = new StringBuilder();
            String line;
            while ((line = in.readLine()) != null && !line.equals(".")) {
                text.append(line).append("\r\n");
            }
            return new MimeMessage(
                    Session.getInstance(new Properties()),
                    new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.ISO_8859_1)));
        }

        private static void say(OutputStream out, String line) throws IOException {
            out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
