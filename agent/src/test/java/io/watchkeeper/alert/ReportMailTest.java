package io.watchkeeper.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.config.AgentConfig;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports by mail, over a real SMTP conversation. */
class ReportMailTest {

    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    Path reports;

    private Path folder;

    @BeforeEach
    void writeReport() throws IOException {
        folder = Files.createDirectory(reports.resolve("01JD8000000000000000000001"));
        Files.writeString(folder.resolve("report.md"), "# 일일 점검\n");
        Files.writeString(folder.resolve("report.html"), "<h1>일일 점검</h1>");
    }

    @Test
    void reportArrivesAsTextAndPage() throws Exception {
        try (SmtpServer server = new SmtpServer(false)) {
            post(server.port());

            MimeMessage mail = server.mails.get(0);
            assertThat(mail.getSubject()).isEqualTo("✖ ship-7, 일일 점검: 2건");
            MimeMultipart both = (MimeMultipart) mail.getContent();
            assertThat(both.getContentType()).startsWith("multipart/alternative");
            assertThat(both.getBodyPart(0).getContent().toString().strip()).isEqualTo("# 일일 점검");
            assertThat(both.getBodyPart(1).getContentType()).startsWith("text/html");
            assertThat(folder.resolve(ReportMail.DUE)).doesNotExist();
        }
    }

    @Test
    void whatCouldNotBeMailedIsMailedByTheNextProcess() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        post(closed);
        assertThat(folder.resolve(ReportMail.DUE)).exists();

        try (SmtpServer server = new SmtpServer(false)) {
            try (ReportMail mail = mail(server.port())) {
                mail.repeat(reports);
            }
            assertThat(server.mails).hasSize(1);
            assertThat(folder.resolve(ReportMail.DUE)).doesNotExist();
        }
    }

    @Test
    void oldReportIsGivenUp() throws Exception {
        Files.writeString(folder.resolve(ReportMail.DUE), "subject\nreport.md\nreport.html");
        Files.setLastModifiedTime(
                folder.resolve(ReportMail.DUE), FileTime.from(CLOCK.instant().minus(Duration.ofDays(4))));
        try (SmtpServer server = new SmtpServer(false)) {
            try (ReportMail mail = mail(server.port())) {
                mail.repeat(reports);
            }
            assertThat(server.mails).isEmpty();
            assertThat(folder.resolve(ReportMail.DUE)).doesNotExist();
        }
    }

    /** Closing waits for what is on its way. */
    private void post(int port) {
        try (ReportMail mail = mail(port)) {
            mail.post(folder, "✖ ship-7, 일일 점검: 2건", "report.md", "report.html");
        }
    }

    private static ReportMail mail(int port) {
        return new ReportMail(
                new AgentConfig.Mail(
                        "127.0.0.1", port, false, null, null, "watchkeeper@example.org", List.of("dba@example.org")),
                "ship-7",
                Duration.ofSeconds(5),
                CLOCK);
    }
}
