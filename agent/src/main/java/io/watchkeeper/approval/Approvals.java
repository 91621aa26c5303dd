package io.watchkeeper.approval;

import java.util.List;
import java.util.Optional;

/** Who agreed to what. May be called from any thread. */
public interface Approvals {

    /** Notes that a plan waits for approval; asking again for the same run changes nothing. */
    void ask(ApprovalRequest request);

    /** What the run of this id asked for. */
    Optional<ApprovalRequest> asked(String runId);

    /**
     * Notes somebody's approval of what a run asked for.
     *
     * @return false when the same approver has approved the same plan before
     */
    boolean approve(ApprovalRequest request, String approver);

    /** The approvals of a plan that still count, oldest first. */
    List<Approval> given(String digest);

    /**
     * As {@link #given(String)}, of others than the one who wants it done: who asks for something has not agreed to it by that.
     *
     * @param requester the name of whoever asks
     */
    default List<Approval> givenByOthers(String digest, String requester) {
        return given(digest).stream()
                .filter(one -> !one.approver().equals(requester))
                .toList();
    }

    /** Knows of no request and takes none, for processes that only look. */
    static Approvals none() {
        return new Approvals() {
            @Override
            public void ask(ApprovalRequest request) {}

            @Override
            public Optional<ApprovalRequest> asked(String runId) {
                return Optional.empty();
            }

            @Override
            public boolean approve(ApprovalRequest request, String approver) {
                return false;
            }

            @Override
            public List<Approval> given(String digest) {
                return List.of();
            }
        };
    }
}
