package io.watchkeeper.http.page;

import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditState;
import java.util.List;

/**
 * The audit trail as the page shows it.
 *
 * @param newest its newest entries, newest first
 */
public record AuditView(AuditState state, List<AuditEntry> newest) {

    public AuditView {
        newest = List.copyOf(newest);
    }
}
