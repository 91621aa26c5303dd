package io.watchkeeper.toolkit.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one run found out about its tables, for people and for programs: {@code report.html}, which needs nothing beside itself, and
 * {@code report.json}.
 *
 * @param runId of the run
 * @param results of its tables that were verified
 * @param failures of its tables that could not be
 */
public record VerifyReport(String runId, List<VerifyResult> results, List<TableFailure> failures) {

    public static final String HTML = "report.html";
    public static final String JSON = "report.json";

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public VerifyReport {
        results = List.copyOf(results);
        failures = List.copyOf(failures);
    }

    /**
     * Writes both files, each as a whole or not at all. A later call for the same folder, say by a later step of the run, replaces
     * them, and is to be given all results.
     *
     * @param folder of this run's reports; made when it is not there
     * @return the HTML file
     */
    public Path write(Path folder) {
        try {
            Files.createDirectories(folder);
            replace(folder.resolve(JSON), MAPPER.writeValueAsString(fields()));
            return replace(folder.resolve(HTML), html());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text);
        return Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Whether every table was verified, and matches. */
    public boolean isMatch() {
        return failures.isEmpty() && results.stream().allMatch(VerifyResult::isMatch);
    }

    /** The report as JSON has it. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("run", runId);
        fields.put("verified", isMatch());
        fields.put(
                "differences",
                results.stream().mapToLong(VerifyResult::differences).sum());
        fields.put("tables", results.stream().map(VerifyResult::fields).toList());
        List<Map<String, Object>> failed = new ArrayList<>();
        for (TableFailure failure : failures) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("table", failure.table().toString());
            one.put("message", String.valueOf(failure.cause().getMessage()));
            String hint = failure.cause() instanceof OperatorException e ? e.hint() : null;
            if (hint != null) {
                one.put("hint", hint);
            }
            failed.add(one);
        }
        fields.put("failures", failed);
        return fields;
    }

    /** The report as a page of its own. */
    public String html() {
        return new VerifyReportPage(this).text();
    }
}
