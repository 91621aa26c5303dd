package io.watchkeeper.engine;

import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Secret;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes secrets out of what a run shows to others. */
final class Redaction {

    private Redaction() {}

    static VerbResult of(VerbResult result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Map.Entry<String, Object> field : result.fields().entrySet()) {
            putRedacted(fields, field.getKey(), field.getValue());
        }
        return new VerbResult(result.verb(), fields);
    }

    static Map<String, String> of(Map<String, String> texts) {
        Map<String, String> redacted = new LinkedHashMap<>();
        texts.forEach((name, text) -> redacted.put(name, Secret.redact(text)));
        return redacted;
    }

    static @Nullable String of(@Nullable String text) {
        return text == null ? null : Secret.redact(text);
    }

    /** The failure with its stack and causes, for the agent's own log. */
    static String stack(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return Secret.redact(text.toString());
    }

    private static @Nullable Object value(@Nullable Object value) {
        if (value instanceof String text) {
            return Secret.redact(text);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Redaction::value).toList();
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> redacted = new LinkedHashMap<>();
            map.forEach((name, one) -> putRedacted(redacted, String.valueOf(name), one));
            return redacted;
        }
        return value;
    }

    @SuppressWarnings("NullAway") // JSON's null is a value
    private static void putRedacted(Map<String, Object> into, String name, @Nullable Object value) {
        into.put(name, value(value));
    }
}
