package io.watchkeeper.http;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's TLS identity, taken anew when one of its files has changed: certificates are renewed while the agent runs. Files
 * that do not fit together, as in the moment between the two being replaced, change nothing: the old ones stay in use.
 */
final class CertificateWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final AgentConfig.Tls files;
    private final Clock clock;
    private final SslContextFactory.Server factory = new SslContextFactory.Server();
    private final ScheduledExecutorService thread;
    private volatile Revocations revocations;

    /** Of what was read last, and could be: what was in the way (a full table of open files, a mount) may go without changing a file. */
    private String listsStamp;

    private String pairStamp;

    /** What stands in the log already of what cannot be read; empty when everything could be. */
    private String listsTrouble = "";

    private String pairTrouble = "";

    /** @throws OperatorException naming the file that is wrong */
    CertificateWatch(AgentConfig.Tls files, Duration every, Clock clock) {
        this.files = files;
        this.clock = clock;
        factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        // With forward secrecy and authentication in one, nothing else.
        factory.setIncludeCipherSuites(
                "TLS_AES_.*", "TLS_CHACHA20_.*", "TLS_ECDHE_.*_GCM_.*", "TLS_ECDHE_.*_CHACHA20_.*");
        factory.setExcludeCipherSuites();
        factory.setRenegotiationAllowed(false);
        factory.setWantClientAuth(files.clientCa() != null);
        // Looked at first, so that a change while they are read is met by the next look.
        this.listsStamp = listsStamp();
        this.pairStamp = pairStamp();
        this.revocations = lists();
        load(factory);
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "http-certificates");
            daemon.setDaemon(true);
            return daemon;
        });
        var unused =
                thread.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    SslContextFactory.Server factory() {
        return factory;
    }

    /** As they are now. */
    Revocations revocations() {
        return revocations;
    }

    private void look() {
        // The lists by themselves and first: what was taken back must be so also while the server's own pair is in
        // order only by half.
        String lists = listsStamp();
        if (!lists.equals(listsStamp)) {
            try {
                revocations = lists();
                listsStamp = lists;
                listsTrouble = "";
            } catch (RuntimeException e) {
                listsTrouble = said(listsTrouble, "revocation lists in use stay the old ones", e);
            }
        }
        String pair = pairStamp();
        if (!pair.equals(pairStamp)) {
            try {
                factory.reload(this::load);
                pairStamp = pair;
                pairTrouble = "";
                LOG.info("the TLS certificate is that of {} as it is now", files.certificate());
            } catch (Exception e) {
                pairTrouble = said(pairTrouble, "the TLS certificate in use stays the old one", e);
            }
        }
    }

    /** Logs it unless it was what was said before. @return what was said */
    private static String said(String before, String what, Exception e) {
        String trouble = String.valueOf(e.getMessage());
        if (trouble.equals(before)) {
            return before;
        }
        if (e instanceof OperatorException known) {
            LOG.error("{}: {}", what, known.withHint());
        } else {
            LOG.error(what, e);
        }
        return trouble;
    }

    private Revocations lists() {
        Revocations read = files.clientCrl() == null || files.clientCa() == null
                ? Revocations.NONE
                : Revocations.read(files.clientCrl(), PemFiles.x509(files.clientCa()));
        read.troubles(clock.instant()).forEach(LOG::error);
        return read;
    }

    /** Nothing of the factory is touched before everything is read. */
    private void load(SslContextFactory target) {
        String password = UUID.randomUUID().toString();
        var identity = PemFiles.identity(files, password);
        var authorities = files.clientCa() == null ? null : PemFiles.authorities(files.clientCa());
        target.setKeyStore(identity);
        target.setKeyStorePassword(password);
        if (authorities != null) {
            target.setTrustStore(authorities);
        }
    }

    private String listsStamp() {
        return (files.clientCa() == null ? "" : stamp(files.clientCa()))
                + (files.clientCrl() == null ? "" : stamp(files.clientCrl()));
    }

    private String pairStamp() {
        return stamp(files.certificate())
                + stamp(files.key())
                + (files.clientCa() == null ? "" : stamp(files.clientCa()));
    }

    private static String stamp(Path file) {
        try {
            return Files.readAttributes(file, "unix:ino,size,lastModifiedTime,ctime")
                    .toString();
        } catch (IOException e) {
            return "absent";
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
