package io.watchkeeper.toolkit.pitr;

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
 * What the drills of one run found, for people and for programs: {@code report.html}, which needs nothing beside itself, and
 * {@code report.json}.
 */
public final class DrillReport {

    public static final String HTML = "report.html";
    public static final String JSON = "report.json";

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final List<DrillResult> drills = new ArrayList<>();

    /** Adds a drill and writes both files anew, each as a whole or not at all. @return the HTML file */
    public synchronized Path add(DrillResult drill, String runId, Path folder) {
        drills.add(drill);
        try {
            Files.createDirectories(folder);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("run", runId);
            fields.put("passed", drills.stream().allMatch(DrillResult::passed));
            fields.put("drills", drills.stream().map(DrillResult::fields).toList());
            replace(folder.resolve(JSON), MAPPER.writeValueAsString(fields));
            return replace(folder.resolve(HTML), new DrillReportPage(runId, drills).text());
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
