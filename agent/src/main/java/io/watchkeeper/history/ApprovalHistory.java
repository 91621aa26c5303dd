package io.watchkeeper.history;

import io.watchkeeper.approval.Approval;
import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.approval.Approvals;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who agreed to what, in the same store as the runs. */
final class ApprovalHistory implements Approvals {

    /** Who agreed so long ago agreed to another day's work. */
    private static final Duration COUNTS_FOR = Duration.ofDays(1);

    private final HistoryFile file;
    private final Clock clock;

    ApprovalHistory(HistoryFile file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public void ask(ApprovalRequest request) {
        file.change(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into approval_request (run_id, subject, digest, needed, asked_at) values (?, ?, ?, ?, ?)"
                            + " on conflict (run_id) do nothing")) {
                insert.setString(1, request.runId());
                insert.setString(2, StoredText.of(request.subject()));
                insert.setString(3, request.digest());
                insert.setInt(4, request.needed());
                insert.setString(5, StoredText.of(request.askedAt()));
                insert.executeUpdate();
            }
        });
    }

    @Override
    public Optional<ApprovalRequest> asked(String runId) {
        return file.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "select subject, digest, needed, asked_at from approval_request where run_id = ?")) {
                select.setString(1, runId);
                try (ResultSet row = select.executeQuery()) {
                    return row.next()
                            ? Optional.of(new ApprovalRequest(
                                    runId,
                                    row.getString(1),
                                    row.getString(2),
                                    row.getInt(3),
                                    Instant.parse(row.getString(4))))
                            : Optional.empty();
                }
            }
        });
    }

    @Override
    public boolean approve(ApprovalRequest request, String approver) {
        Instant now = clock.instant();
        return file.write(connection -> {
            // One that no longer counts may be given again.
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into approval (digest, approver, run_id, approved_at) values (?1, ?2, ?3, ?4)"
                            + " on conflict (digest, approver) do update set run_id = ?3, approved_at = ?4 where approved_at < ?5")) {
                insert.setString(1, request.digest());
                insert.setString(2, StoredText.of(approver));
                insert.setString(3, request.runId());
                insert.setString(4, StoredText.of(now));
                insert.setString(5, StoredText.of(now.minus(COUNTS_FOR)));
                return insert.executeUpdate() > 0;
            }
        });
    }

    @Override
    public List<Approval> given(String digest) {
        return file.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "select approver, approved_at from approval where digest = ? and approved_at >= ? order by approved_at, approver")) {
                select.setString(1, digest);
                select.setString(2, StoredText.of(clock.instant().minus(COUNTS_FOR)));
                List<Approval> given = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        given.add(new Approval(digest, row.getString(1), Instant.parse(row.getString(2))));
                    }
                }
                return given;
            }
        });
    }
}
