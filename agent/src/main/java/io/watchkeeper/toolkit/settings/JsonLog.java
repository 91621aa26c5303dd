package io.watchkeeper.toolkit.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.function.Consumer;

/** Lines of log_destination jsonlog, one object each. */
final class JsonLog implements LogParser {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final LogTimes times;
    private final Consumer<LogEntry> entries;

    JsonLog(LogTimes times, Consumer<LogEntry> entries) {
        this.times = times;
        this.entries = entries;
    }

    @Override
    public void line(String line) {
        try {
            JsonNode entry = MAPPER.readTree(line);
            LogSeverity.of(entry.path("error_severity").asText())
                    .ifPresent(severity -> entries.accept(new LogEntry(
                            times.read(entry.path("timestamp").asText()),
                            severity,
                            entry.path("state_code").asText(),
                            entry.path("message").asText(),
                            entry.path("statement").asText(),
                            entry.path("user").asText())));
        } catch (JsonProcessingException e) {
            // The rest of a line whose beginning is not here.
        }
    }

    @Override
    public boolean isBetweenEntries() {
        return true;
    }

    @Override
    public void end() {}
}
