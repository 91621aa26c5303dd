package io.watchkeeper.audit;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that was done, asked for or refused on this host.
 *
 * @param actor who: {@code token:ops}, {@code certificate:CN=…}, {@code user:root}, {@code agent} for what it does by itself
 * @param from where the wish came from: an address, {@code terminal}, {@code schedule}
 * @param action what, as one word with a dot: {@code run.accepted}, {@code config.changed}, {@code token.created}
 * @param subject with what: a runbook, a run, a file, a tenant
 * @param result {@code ok}, {@code refused}, or the state a run ended in
 * @param details plain values: String, Number, Boolean, and lists and maps of these; never a secret
 */
public record AuditEvent(
        String actor, String from, String action, String subject, String result, Map<String, Object> details) {

    public AuditEvent {
        details = Map.copyOf(new TreeMap<>(details));
    }

    /** Without details. @param subject null for none */
    public static AuditEvent of(String actor, String from, String action, @Nullable String subject, String result) {
        return new AuditEvent(actor, from, action, subject == null ? "" : subject, result, Map.of());
    }
}
