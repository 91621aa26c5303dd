package io.watchkeeper.checklist;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as the files of its run: {@code report.html}, {@code report.md} and their twins in other languages, and {@code report.json}. */
public final class ReportFiles {

    /** For programs: verdict, items, what is to be done, trends. */
    public static final String JSON = "report.json";

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportFiles() {}

    /** The name of the page in a language. */
    public static String html(Locale language) {
        return "report" + suffix(language) + ".html";
    }

    /** The name of the Markdown in a language. */
    public static String markdown(Locale language) {
        return "report" + suffix(language) + ".md";
    }

    private static String suffix(Locale language) {
        return language.getLanguage().equals("en") ? "" : "." + language.getLanguage();
    }

    /** Writes all of them, each as a whole or not at all; what stood there is replaced. @param zone of the times in them */
    static void write(ChecklistReport report, Path folder, ZoneId zone) throws IOException {
        for (Locale language : ReportWords.LANGUAGES) {
            ReportWords words = new ReportWords(language, zone);
            DurableFile.write(folder.resolve(html(language)), Secret.redact(ReportPage.of(report, words)));
            DurableFile.write(folder.resolve(markdown(language)), Secret.redact(ReportMarkdown.of(report, words)));
        }
        DurableFile.write(folder.resolve(JSON), Secret.redact(MAPPER.writeValueAsString(document(report, zone))));
    }

    private static Map<String, Object> document(ChecklistReport report, ZoneId zone) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runId", report.runId());
        document.put("runbook", report.runbook());
        document.put("host", report.host());
        document.put("checklist", report.kind().wireName());
        document.put("startedAt", report.startedAt().toString());
        document.put("durationMs", report.took().toMillis());
        document.put("status", report.state().wireName());
        Map<String, String> verdicts = new LinkedHashMap<>();
        for (Locale language : ReportWords.LANGUAGES) {
            verdicts.put(language.getLanguage(), new ReportWords(language, zone).verdict(report));
        }
        document.put("verdicts", verdicts);
        document.put("now", report.now().stream().map(ReportFiles::need).toList());
        document.put("later", report.later().stream().map(ReportFiles::need).toList());
        document.put("done", report.done().stream().map(ReportPage::inDatabase).toList());
        document.put("items", report.items().stream().map(ReportFiles::item).toList());
        document.put("trends", report.trends().stream().map(ReportFiles::trend).toList());
        return document;
    }

    private static Map<String, Object> need(Need need) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("item", need.item());
        fields.put("message", need.message());
        if (!need.remedy().isEmpty()) {
            fields.put("remedy", need.remedy());
        }
        return fields;
    }

    private static Map<String, Object> item(Item item) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", item.name());
        fields.put("status", item.state().wireName());
        fields.put("seen", item.looks().stream().map(ReportPage::inDatabase).toList());
        List<String> failures = item.failures().stream().map(Need::message).toList();
        if (!failures.isEmpty()) {
            fields.put("failures", failures);
        }
        return fields;
    }

    private static Map<String, Object> trend(Trend trend) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", trend.database());
        fields.put("metric", trend.metric());
        if (!trend.subject().isEmpty()) {
            fields.put("subject", trend.subject());
        }
        fields.put("from", trend.first());
        fields.put("to", trend.last());
        fields.put("samples", trend.samples().size());
        return fields;
    }
}
