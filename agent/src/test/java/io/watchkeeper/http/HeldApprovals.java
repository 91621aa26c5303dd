package io.watchkeeper.http;

import io.watchkeeper.approval.Approval;
import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.approval.Approvals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Approvals that a test may look into. */
final class HeldApprovals implements Approvals {

    final Map<String, ApprovalRequest> asked = new HashMap<>();
    final List<Approval> given = new ArrayList<>();

    @Override
    public void ask(ApprovalRequest request) {
        asked.putIfAbsent(request.runId(), request);
    }

    @Override
    public Optional<ApprovalRequest> asked(String runId) {
        return Optional.ofNullable(asked.get(runId));
    }

    @Override
    public boolean approve(ApprovalRequest request, String approver) {
        boolean again =
                given(request.digest()).stream().anyMatch(one -> one.approver().equals(approver));
        if (!again) {
            given.add(new Approval(request.digest(), approver, AgentStandIn.NOW));
        }
        return !again;
    }

    @Override
    public List<Approval> given(String digest) {
        return given.stream().filter(one -> one.digest().equals(digest)).toList();
    }
}
