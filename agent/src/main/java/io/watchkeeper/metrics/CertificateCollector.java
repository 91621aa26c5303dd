package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.files.RevocationLists;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** When the certificates in the configured PEM files end, read when they are scraped: they are renewed while the agent runs. */
final class CertificateCollector extends Collector {

    /** Of this use there are revocation lists in the file. */
    private static final String LISTS = "http-clients-crl";

    private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

    private final Map<String, Path> files;

    /** @param files by what they are used for: {@code http}, {@code http-clients}, {@code http-clients-crl} (revocation lists), {@code database-NAME} */
    CertificateCollector(Map<String, Path> files) {
        this.files = Map.copyOf(files);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily expiry = new GaugeMetricFamily(
                "watchkeeper_certificate_expiry_timestamp_seconds",
                "When the certificate or revocation list ends, of several in one file the first that does; 0 when the file cannot be read",
                List.of("use"));
        files.forEach((use, file) -> expiry.addMetric(
                List.of(use),
                (use.equals(LISTS) ? firstEndOfList(file) : firstEnd(file))
                        .map(Instant::getEpochSecond)
                        .orElse(0L)));
        return List.of(expiry);
    }

    /** A list that never runs out counts as one that does at the end of time. */
    private static Optional<Instant> firstEndOfList(Path file) {
        try {
            return RevocationLists.terms(file).stream()
                    .map(term -> Objects.requireNonNullElse(term.end(), NEVER))
                    .min(Comparator.naturalOrder());
        } catch (OperatorException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> firstEnd(Path file) {
        try (InputStream text = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(text).stream()
                    .map(CertificateCollector::end)
                    .min(Comparator.naturalOrder());
        } catch (IOException | GeneralSecurityException e) {
            // A file that is gone or damaged ends what was encrypted with it just as an old one does.
            return Optional.empty();
        }
    }

    private static Instant end(Certificate certificate) {
        return certificate instanceof X509Certificate known
                ? known.getNotAfter().toInstant()
                : Instant.EPOCH;
    }
}
