package io.watchkeeper.toolkit.remedy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
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
 * What the remediations of one run found and did, for people and for programs: {@code report.html}, which needs nothing beside
 * itself, and {@code report.json}.
 */
public final class RemedyReport {

    public static final String HTML = "report.html";
    public static final String JSON = "report.json";

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final List<RemedyResult> results = new ArrayList<>();

    /** Adds one and writes both files anew, each as a whole or not at all. @return the HTML file */
    public synchronized Path add(RemedyResult result, String runId, Path folder) {
        results.add(result);
        try {
            Files.createDirectories(folder);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("run", runId);
            fields.put(
                    "remediations", results.stream().map(RemedyResult::fields).toList());
            replace(folder.resolve(JSON), MAPPER.writeValueAsString(fields));
            return replace(folder.resolve(HTML), new RemedyReportPage(runId, results).text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text);
        return Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
