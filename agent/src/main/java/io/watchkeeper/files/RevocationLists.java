package io.watchkeeper.files;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long the certificate revocation lists of a file are good for. A list that has run out says nothing about any certificate of its
 * authority, so that all of them open nothing any more.
 */
public final class RevocationLists {

    /** A list is made anew some time before it runs out. In the last part of its time, one of so many, that is late. */
    private static final int PARTS = 10;

    /**
     * One list.
     *
     * @param authority the name of whose certificates it is about
     * @param made when it was made
     * @param end when it runs out ({@code nextUpdate}); null for never
     */
    public record Term(
            String authority, Instant made, @Nullable Instant end) {}

    private RevocationLists() {}

    /** Each list of a PEM or DER file. @throws OperatorException when it cannot be read, or holds none */
    public static List<Term> terms(Path file) {
        List<Term> terms = new ArrayList<>();
        try (InputStream text = Files.newInputStream(file)) {
            for (CRL one : CertificateFactory.getInstance("X.509").generateCRLs(text)) {
                X509CRL list = (X509CRL) one;
                terms.add(new Term(
                        list.getIssuerX500Principal().getName(),
                        list.getThisUpdate().toInstant(),
                        list.getNextUpdate() == null
                                ? null
                                : list.getNextUpdate().toInstant()));
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new OperatorException(
                    "cannot read the revocation lists in " + file + ": " + e.getMessage(), "It must be a PEM file.", e);
        }
        if (terms.isEmpty()) {
            throw new OperatorException("there is no revocation list in " + file, "It must be a PEM file.");
        }
        return terms;
    }

    /** A sentence for each list of the file that has run out or soon will, and one where the file cannot be read. */
    public static List<String> concerns(Path file, Instant now) {
        List<String> concerns = new ArrayList<>();
        try {
            for (Term term : terms(file)) {
                Instant end = term.end();
                if (end == null) {
                    continue;
                }
                String list = "the revocation list of '" + term.authority() + "' in " + file;
                if (end.isBefore(now)) {
                    concerns.add(list + " ran out at " + end + ": certificates of this authority open nothing");
                } else if (end.minus(Duration.between(term.made(), end).dividedBy(PARTS))
                        .isBefore(now)) {
                    concerns.add(list + " runs out at " + end
                            + ", and then certificates of this authority open nothing any more");
                }
            }
        } catch (OperatorException e) {
            concerns.add(String.valueOf(e.getMessage()));
        }
        return concerns;
    }
}
