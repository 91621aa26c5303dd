package io.watchkeeper;

import io.watchkeeper.approval.Approval;
import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.approval.Approvals;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts on record who agrees to what. */
record RecordedApprovals(Approvals kept, Audit audit) implements Approvals {

    @Override
    public void ask(ApprovalRequest request) {
        kept.ask(request);
    }

    @Override
    public Optional<ApprovalRequest> asked(String runId) {
        return kept.asked(runId);
    }

    /** On record first: what cannot be recorded does not count. */
    @Override
    public boolean approve(ApprovalRequest request, String approver) {
        boolean again = kept.given(request.digest()).stream()
                .anyMatch(one -> one.approver().equals(approver));
        audit.record(new AuditEvent(
                approver,
                "http",
                "approval.given",
                request.runId(),
                again ? "refused" : "ok",
                Map.of("digest", request.digest(), "subject", request.subject())));
        return kept.approve(request, approver);
    }

    @Override
    public List<Approval> given(String digest) {
        return kept.given(digest);
    }
}
