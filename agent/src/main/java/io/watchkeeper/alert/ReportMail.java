package io.watchkeeper.alert;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.units.Secret;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mails reports, in a thread of its own: nobody waits for a mail server. That a report is to be mailed is written beside it first, and taken
 * away when the server has it; a ship that had no link then, or a process that died in between, mails it later, at worst twice.
 */
public final class ReportMail implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReportMail.class);

    /** Holds the subject and the names of the text and the page, a line each. */
    static final String DUE = "mail-due";

    /** After so long there is a newer one. */
    private static final Duration WORTH_IT = Duration.ofDays(3);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final MailTransport transport;
    private final String host;
    private final Clock clock;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread created = new Thread(task, "report-mail");
        created.setDaemon(true);
        return created;
    });

    /** @param host this host's name */
    public ReportMail(AgentConfig.Mail account, String host, Duration timeout, Clock clock) {
        this.transport = new MailTransport(account, timeout, clock);
        this.host = host;
        this.clock = clock;
    }

    /**
     * Mails a report as soon as that is possible.
     *
     * @param folder of the report
     * @param text its file for mail programs that show text only
     * @param page its file for the others
     */
    public void post(Path folder, String subject, String text, String page) {
        try {
            DurableFile.write(folder.resolve(DUE), String.join("\n", subject, text, page));
        } catch (IOException e) {
            LOG.warn("the report in {} is not mailed: {}", folder, e.toString());
            return;
        }
        soon(() -> mail(folder));
    }

    /** Mails what could not be mailed before. @param reports the folder that holds a folder for each run */
    public void repeat(Path reports) {
        soon(() -> {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(reports)) {
                for (Path folder : folders) {
                    if (Files.exists(folder.resolve(DUE))) {
                        mail(folder);
                    }
                }
            } catch (NoSuchFileException e) {
                // No run has reported anything yet.
            } catch (IOException e) {
                LOG.warn("reports that are to be mailed cannot be looked for: {}", e.toString());
            }
        });
    }

    private void soon(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the process ends; the next one mails it", e);
        }
    }

    private void mail(Path folder) {
        Path due = folder.resolve(DUE);
        try {
            Instant since = Files.getLastModifiedTime(due).toInstant();
            List<String> lines = Files.readAllLines(due);
            if (lines.size() == 3 && since.isAfter(clock.instant().minus(WORTH_IT))) {
                String text = Files.readString(folder.resolve(lines.get(1)));
                String page = Files.readString(folder.resolve(lines.get(2)));
                transport.send(host, Secret.redact(lines.get(0)), message -> both(message, text, page));
                LOG.info("report mailed: {}", lines.get(0));
            } else {
                LOG.warn("the report in {} could not be mailed for {} days; giving up", folder, WORTH_IT.toDays());
            }
            Files.deleteIfExists(due);
        } catch (NoSuchFileException e) {
            LOG.debug("mailed or removed by somebody else", e);
        } catch (IOException | AlertReceiver.DeliveryException e) {
            LOG.warn("the report in {} cannot be mailed now, and is tried again: {}", folder, e.getMessage());
        }
    }

    /** A mail program shows the last part that it can. */
    private static void both(MimeMessage message, String text, String page) throws MessagingException {
        MimeBodyPart plain = new MimeBodyPart();
        plain.setText(text, "UTF-8");
        MimeBodyPart html = new MimeBodyPart();
        html.setText(page, "UTF-8", "html");
        message.setContent(new MimeMultipart("alternative", plain, html));
    }

    /** Waits a little for what is on its way. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
