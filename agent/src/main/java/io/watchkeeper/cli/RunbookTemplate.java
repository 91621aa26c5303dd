package io.watchkeeper.cli;

import io.watchkeeper.problem.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The runbooks that {@code watchkeeper new} begins with: commented files with places for names, each with one line that says what for. */
enum RunbookTemplate {
    SYNC,
    COPY,
    VERIFY,
    BACKUP,
    DUMP,
    WAL,
    EXPIRE,
    DRILL,
    VACUUM,
    REINDEX,
    PARTITIONS,
    LAG,
    SLOTS,
    CHECK,
    CHECKLIST;

    static final List<RunbookTemplate> ALL = List.of(values());

    private static final String COMMENT = "// ";

    /** What a shell may complete. */
    static final class Words implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ALL.stream().map(RunbookTemplate::word).iterator();
        }
    }

    /** As it is asked for, for example {@code sync}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What it is for, in one line. */
    String purpose() {
        return text().lines().findFirst().orElse("").substring(COMMENT.length());
    }

    /** Whether it needs two databases, a source and a target. */
    boolean needsPair() {
        return text().contains("{{source}}");
    }

    /** Whether it needs a database. */
    boolean needsDatabase() {
        return text().contains("{{database}}");
    }

    /** @param values by the names of the places: name, source, sourceNote, … */
    String filled(Map<String, String> values) {
        String text = text();
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("{{" + value.getKey() + "}}", value.getValue());
        }
        return text;
    }

    /** @throws UsageException when there is none of that name */
    static RunbookTemplate named(String word) {
        List<String> words = ALL.stream().map(RunbookTemplate::word).toList();
        return ALL.stream()
                .filter(one -> one.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "there is no template '" + word + "'",
                        Suggestion.didYouMean(word, words) + "Templates: " + String.join(", ", words)
                                + ". 'watchkeeper new --list' says what each is for."));
    }

    private String text() {
        String resource = "templates/" + word() + ".groovy";
        try (InputStream in = RunbookTemplate.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
