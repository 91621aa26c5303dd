package io.watchkeeper.approval;

import java.time.Instant;

/**
 * A plan that waits until enough people have agreed to it.
 *
 * @param runId of the run that made the plan and shows it
 * @param subject what is to be done, in words
 * @param digest SHA-256 of the plan, in hex: who agrees to one plan has not agreed to another
 * @param needed so many different people
 */
public record ApprovalRequest(String runId, String subject, String digest, int needed, Instant askedAt) {}
