package io.watchkeeper.toolkit.failover;

import io.watchkeeper.problem.OperatorException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a review of a server came to.
 *
 * @param subject what was looked at, for messages: {@code authentication}
 * @param database as configured
 * @param findings worst first
 */
public record Review(String subject, String database, List<ReviewFinding> findings) {

    public Review {
        findings = findings.stream()
                .sorted(Comparator.comparing(ReviewFinding::status).reversed())
                .toList();
    }

    /** The worst of its findings: ok, warn or fail. */
    public String status() {
        return worst().wireName();
    }

    private ReviewStatus worst() {
        return findings.stream().map(ReviewFinding::status).reduce(ReviewStatus.OK, ReviewStatus::worse);
    }

    /** What was found, one row each, worst first. */
    public List<Map<String, Object>> evidence() {
        return findings.stream().map(ReviewFinding::fields).toList();
    }

    /** What mends it, in the order of the findings. */
    public List<String> remedy() {
        return findings.stream()
                .map(ReviewFinding::remedy)
                .filter(text -> !text.isEmpty())
                .distinct()
                .toList();
    }

    /** The same without what a person accepts. @param codes of findings */
    public Review accepting(Set<String> codes) {
        return new Review(
                subject,
                database,
                findings.stream()
                        .map(one -> codes.contains(one.code()) ? one.accepted() : one)
                        .toList());
    }

    /** In one line. */
    public String words() {
        Map<ReviewStatus, Long> counts =
                findings.stream().collect(Collectors.groupingBy(ReviewFinding::status, Collectors.counting()));
        return subject + " of " + database + ": " + status() + ", "
                + counts.getOrDefault(ReviewStatus.FAIL, 0L) + " to mend now, "
                + counts.getOrDefault(ReviewStatus.WARN, 0L) + " to look at";
    }

    /** What fails the step: the worst finding; empty when nothing must be mended now. */
    public Optional<OperatorException> failure() {
        List<ReviewFinding> failing = findings.stream()
                .filter(one -> one.status() == ReviewStatus.FAIL)
                .toList();
        if (failing.isEmpty()) {
            return Optional.empty();
        }
        ReviewFinding first = failing.get(0);
        String more = failing.size() == 1 ? "" : ", and " + (failing.size() - 1) + " more";
        return Optional.of(new OperatorException(
                subject + " of database '" + database + "': " + first.message() + more,
                first.remedy().isEmpty() ? null : first.remedy()));
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("status", status());
        fields.put("evidence", evidence());
        fields.put("remedy", remedy());
        return fields;
    }
}
