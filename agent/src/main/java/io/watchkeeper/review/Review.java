package io.watchkeeper.review;

import io.watchkeeper.problem.OperatorException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a look at a server came to.
 *
 * @param subject what was looked at, for messages: {@code authentication}
 * @param database as configured
 * @param summary what is so, in one line for people, also when all is well: {@code 12 of 100 connections, 2 idle in a transaction};
 *     empty where the findings say all
 * @param findings worst first
 * @param rows what was measured, largest first, each a flat map of plain values; empty where the findings say all
 */
public record Review(
        String subject, String database, String summary, List<ReviewFinding> findings, List<Map<String, Object>> rows) {

    public Review {
        findings = findings.stream()
                .sorted(Comparator.comparing(ReviewFinding::status).reversed())
                .toList();
        rows = List.copyOf(rows);
    }

    /** Of which the findings say all. */
    public Review(String subject, String database, List<ReviewFinding> findings) {
        this(subject, database, "", findings, List.of());
    }

    /** The worst of its findings: ok, warn or fail. */
    public String status() {
        return worst().wireName();
    }

    /** {@link #status()} as runbooks may write it, too: {@code result.status}. */
    public String getStatus() {
        return status();
    }

    /** {@link #evidence()} as runbooks may write it, too. */
    public List<Map<String, Object>> getEvidence() {
        return evidence();
    }

    /** {@link #remedy()} as runbooks may write it, too. */
    public List<String> getRemedy() {
        return remedy();
    }

    /** {@link #summary()} as runbooks may write it, too. */
    public String getSummary() {
        return summary;
    }

    /** The worst of its findings. */
    public ReviewStatus worst() {
        return findings.stream().map(ReviewFinding::status).reduce(ReviewStatus.OK, ReviewStatus::worse);
    }

    /** What was measured; where nothing was, what was found, one row each, worst first. */
    public List<Map<String, Object>> evidence() {
        return rows.isEmpty() ? findings.stream().map(ReviewFinding::fields).toList() : rows;
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
                summary,
                findings.stream()
                        .map(one -> codes.contains(one.code()) ? one.accepted() : one)
                        .toList(),
                rows);
    }

    /** In one line. */
    public String words() {
        Map<ReviewStatus, Long> counts =
                findings.stream().collect(Collectors.groupingBy(ReviewFinding::status, Collectors.counting()));
        if (!summary.isEmpty()) {
            return subject + " of " + database + ": " + summary;
        }
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
        fields.put("subject", subject);
        fields.put("status", status());
        if (!summary.isEmpty()) {
            fields.put("summary", summary);
        }
        if (!rows.isEmpty()) {
            fields.put("findings", findings.stream().map(ReviewFinding::fields).toList());
        }
        fields.put("evidence", evidence());
        fields.put("remedy", remedy());
        return fields;
    }
}
