package io.watchkeeper.http;

import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which client certificates their authorities have taken back, from a PEM file with one list for each authority. They are asked with each
 * request, so that a certificate opens nothing more from the next one on, on connections that are open already, too. A certificate of an
 * authority without a list, or with one that is over, opens nothing: nobody can say whether it is still good.
 */
final class Revocations {

    /** Where no list is configured. */
    static final Revocations NONE = new Revocations(null, List.of(), List.of());

    private final @Nullable Path file;
    private final List<X509CRL> lists;
    private final List<X509Certificate> authorities;

    private Revocations(@Nullable Path file, List<X509CRL> lists, List<X509Certificate> authorities) {
        this.file = file;
        this.lists = List.copyOf(lists);
        this.authorities = List.copyOf(authorities);
    }

    /** @param authorities whose lists these must be @throws OperatorException when there is none in the file, or one of somebody else */
    static Revocations read(Path file, List<X509Certificate> authorities) {
        List<X509CRL> lists = new ArrayList<>();
        try {
            for (CRL one : CertificateFactory.getInstance("X.509")
                    .generateCRLs(new ByteArrayInputStream(Files.readAllBytes(file)))) {
                X509CRL list = (X509CRL) one;
                if (authorities.stream().noneMatch(authority -> isBy(list, authority))) {
                    throw new OperatorException(
                            "the revocation list of '" + list.getIssuerX500Principal() + "' in " + file
                                    + " is signed by no authority of http.tls.clientCa",
                            "have it made by the authority that makes the certificates: openssl ca -gencrl -out "
                                    + file);
                }
                lists.add(list);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new OperatorException(
                    "cannot read the revocation lists in " + file + ": " + e.getMessage(), "It must be a PEM file.", e);
        }
        if (lists.isEmpty()) {
            throw new OperatorException("there is no revocation list in " + file, "It must be a PEM file.");
        }
        return new Revocations(file, lists, authorities);
    }

    private static boolean isBy(X509CRL list, X509Certificate authority) {
        if (!list.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
            return false;
        }
        try {
            PublicKey key = authority.getPublicKey();
            list.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Why a certificate opens nothing; empty when it does. @param chain the caller's own first */
    Optional<String> why(X509Certificate[] chain, Instant now) {
        if (file == null) {
            return Optional.empty();
        }
        X509Certificate own = chain[0];
        for (X509Certificate one : withThoseAbove(chain)) {
            boolean isOwn = one.equals(own);
            // A root says itself that it is good. The caller's own must be asked about also where it was made by
            // itself.
            boolean isRoot = !isOwn && one.getSubjectX500Principal().equals(one.getIssuerX500Principal());
            Optional<String> why = isRoot ? Optional.empty() : why(one, isOwn, now);
            if (why.isPresent()) {
                return why;
            }
        }
        return Optional.empty();
    }

    /** What was shown, and every authority above it that is known here: who shows a certificate chooses what to show beside it. */
    private Set<X509Certificate> withThoseAbove(X509Certificate[] chain) {
        Set<X509Certificate> all = new LinkedHashSet<>(Arrays.asList(chain));
        Deque<X509Certificate> toAsk = new ArrayDeque<>(all);
        while (!toAsk.isEmpty()) {
            X509Certificate one = toAsk.remove();
            for (X509Certificate authority : authorities) {
                if (!all.contains(authority) && isBy(one, authority)) {
                    all.add(authority);
                    toAsk.add(authority);
                }
            }
        }
        return all;
    }

    private static boolean isBy(X509Certificate one, X509Certificate authority) {
        if (!one.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
            return false;
        }
        try {
            one.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private Optional<String> why(X509Certificate certificate, boolean isOwn, Instant now) {
        String name =
                "the certificate of '" + certificate.getSubjectX500Principal().getName() + "'";
        boolean listed = false;
        for (X509CRL list : lists) {
            if (!list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())) {
                continue;
            }
            listed = true;
            if (list.isRevoked(certificate)) {
                return Optional.of(name + " was revoked");
            }
            Date next = list.getNextUpdate();
            if (next != null && next.toInstant().isBefore(now)) {
                return Optional.of("the revocation list for " + name + " is over since " + next.toInstant());
            }
        }
        return listed || !isOwn
                ? Optional.empty()
                : Optional.of("there is no revocation list of the authority of " + name.substring(4));
    }

    /** What somebody should know of the lists that are there: those that are over. */
    List<String> troubles(Instant now) {
        return lists.stream()
                .filter(list -> list.getNextUpdate() != null
                        && list.getNextUpdate().toInstant().isBefore(now))
                .map(list ->
                        "the revocation list of '" + list.getIssuerX500Principal() + "' in " + file + " is over since "
                                + list.getNextUpdate().toInstant() + ", so that its certificates open nothing")
                .toList();
    }
}
