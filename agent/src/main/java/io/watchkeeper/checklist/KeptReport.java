package io.watchkeeper.checklist;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.RunOutcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A report that is kept, in short.
 *
 * @param verdicts the whole report in a sentence, by language: {@code en}, {@code ko}
 * @param now how many things have to be mended now
 * @param later how many can wait
 */
public record KeptReport(
        String runId,
        String runbook,
        Checklist kind,
        Instant startedAt,
        ItemState state,
        Map<String, String> verdicts,
        int items,
        int now,
        int later) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    public KeptReport {
        verdicts = Map.copyOf(verdicts);
    }

    /** Those of the runs given, as far as they have one, in the order daily, weekly, monthly, the newest first of each. */
    public static List<KeptReport> of(List<RunOutcome> runs, Path state) {
        return runs.stream()
                .map(run -> read(state, run.runId()))
                .flatMap(Optional::stream)
                .sorted(java.util.Comparator.comparing(KeptReport::kind)
                        .thenComparing(java.util.Comparator.comparing(KeptReport::startedAt)
                                .reversed()))
                .toList();
    }

    /** Empty where the run has no report of a checklist. */
    public static Optional<KeptReport> read(Path state, String runId) {
        return RunReports.read(state, runId, ReportFiles.JSON).flatMap(KeptReport::parse);
    }

    /** What a verb of another kind has written is none. */
    private static Optional<KeptReport> parse(String json) {
        try {
            JsonNode report = MAPPER.readTree(json);
            return Checklist.ofWireName(report.path("checklist").asText())
                    .map(kind -> new KeptReport(
                            report.path("runId").asText(),
                            report.path("runbook").asText(),
                            kind,
                            Instant.parse(report.path("startedAt").asText()),
                            report.path("status").asText().equals("leftOut")
                                    ? ItemState.LEFT_OUT
                                    : ItemState.of(report.path("status").asText()),
                            verdicts(report.path("verdicts")),
                            report.path("items").size(),
                            report.path("now").size(),
                            report.path("later").size()));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> verdicts(JsonNode texts) {
        Map<String, String> verdicts = new LinkedHashMap<>();
        texts.properties()
                .forEach(text -> verdicts.put(text.getKey(), text.getValue().asText()));
        return verdicts;
    }

    /** The report in a sentence, in English where it is not known in the language. */
    public String verdict(Locale language) {
        return verdicts.getOrDefault(language.getLanguage(), verdicts.getOrDefault("en", ""));
    }

    /** As it stands in lists. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("checklist", kind.wireName());
        fields.put("runbook", runbook);
        fields.put("runId", runId);
        fields.put("startedAt", startedAt.toString());
        fields.put("status", state.wireName());
        fields.put("verdict", verdict(Locale.ENGLISH));
        fields.put("items", items);
        fields.put("now", now);
        fields.put("later", later);
        fields.put("report", "/v1/runs/" + runId + "/report");
        return fields;
    }
}
