package io.watchkeeper.approval;

import java.time.Instant;

/**
 * Somebody's word that a plan may be carried out.
 *
 * @param digest of the plan, see {@link ApprovalRequest#digest()}
 * @param approver the name of their token
 */
public record Approval(String digest, String approver, Instant at) {}
