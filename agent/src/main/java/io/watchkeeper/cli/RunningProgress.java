package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.engine.ProgressLine;
import io.watchkeeper.postgres.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far the tables of a run are that another process does, read from the run's document. */
final class RunningProgress {

    private RunningProgress() {}

    /** A line for each subject, with bar, rate and ETA. @param run the document, whose {@code progress} is missing where there is none */
    static List<String> of(JsonNode run, int width) {
        List<ProgressLine> lines = new ArrayList<>();
        run.path("progress").forEach(line -> lines.add(read(line)));
        return lines.isEmpty() ? List.of() : ProgressText.drawn(lines, width);
    }

    private static ProgressLine read(JsonNode line) {
        Progress progress = new Progress(
                line.path("subject").asText(),
                line.path("stage").asText(),
                line.path("rows").asLong(),
                line.path("totalRows").asLong(-1),
                line.path("bytes").asLong(),
                line.path("totalBytes").asLong(line.has("totalRows") || line.has("rowsPerSecond") ? -1 : 0));
        return new ProgressLine(
                progress,
                Duration.ofMillis(line.path("stageMs").asLong()),
                line.has("percent") ? (Integer) line.get("percent").asInt() : null,
                number(line, "rowsPerSecond"),
                number(line, "bytesPerSecond"),
                seconds(line, "etaSeconds"),
                line.path("overEstimate").asBoolean(),
                seconds(line, "stalledSeconds"));
    }

    private static @Nullable Long number(JsonNode line, String field) {
        return line.has(field) ? (Long) line.get(field).asLong() : null;
    }

    private static @Nullable Duration seconds(JsonNode line, String field) {
        Long seconds = number(line, field);
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }
}
