package io.watchkeeper.dsl;

import io.watchkeeper.dsl.Vocabulary.BlockWords;
import io.watchkeeper.dsl.Vocabulary.Term;
import io.watchkeeper.dsl.Vocabulary.Value;
import java.lang.reflect.Method;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the reference of the language out of the Spec classes, as Markdown. */
public final class LanguageReference {

    private static final String INTRODUCTION = """
            # The runbook language

            <!-- Generated from the Spec classes of io.watchkeeper.dsl; a test fails when it is out of date and says how to renew it. -->

            A runbook is a Groovy file. It is compiled statically: a word that does not exist, stands in the wrong block or gets the
            wrong kind of value is an error with file, line, column and a hint, found by `watchkeeper validate` before anything runs.
            Loading a file opens no connection; only the code of steps and hooks runs with a run.

            Names of blocks and options are words; values that a block must have are its arguments, everything else is an option
            with a default. Inside a block only the block's own words exist.

            ```groovy
            runbook('ship-sync') {
                description 'Brings the fleet tables aboard every 15 minutes.'
                owner 'dba-oncall'
                role 'ship'
                schedule {
                    cron '0 0/15 * * * ?'
                    zone 'Asia/Seoul'
                    avoid '08:00', '18:00', MON..FRI
                }
                policy {
                    timeout 30.minutes
                    retry 3, 30.seconds
                    lock 'table-io'
                }
                step('copy documents') {
                    def result = copyTable('public.documents') {
                        from 'shore'
                        to 'ship'
                    }
                    if (result.rowsWritten() > 0) analyze('ship', 'public.documents')
                }
                onFailure { alert 'page', "ship-sync: ${error.message}" }
            }
            ```

            ## Units

            | written | means |
            | --- | --- |
            | `250.milliseconds` `5.seconds` `5.minutes` `2.hours` `1.day` | a duration |
            | `64.kilobytes` `64.megabytes` `2.gigabytes` `1.terabyte` | an amount of data; a kilobyte is 1,024 bytes, as in PostgreSQL's settings |
            | `10.percent` | a share |

            Each unit also has its singular: `1.hour`, `1.megabyte`.
            """;

    private static final String GUARD_RAILS = """
            ## What a runbook may not do

            Beside the words, steps may use plain Groovy on text, numbers, lists, maps, ranges and closures, `java.time` and
            `java.math`. Refused when the file is compiled: annotations; imports of anything but `java.time` and `java.math`;
            declarations of classes and methods; method pointers, lambdas and `.@`; reflection and the names `this`, `owner`,
            `delegate`; `System`, processes, files, threads, sockets, code out of texts, `println`; loops outside steps; steps that
            change a variable declared outside of them; values spliced into a statement with `${…}`.

            These are guard-rails against accidents, not a sandbox. The boundary is who may write the file: a runbook is loaded only
            when it belongs to root or to the agent's user, and when neither it nor a folder above it can be changed by others. A
            file has at most 1 MB of UTF-8.

            ## Files

            The agent loads every `*.groovy` directly in the folder `runbooks` of the configuration, except hidden files and editors'
            backups, and follows links. A changed file is in force within two seconds; of a broken one the last good version stays in
            force, and its problems are shown. A file may declare several runbooks. A name is given once for all runbooks that a host
            of one role would load.
            """;

    private LanguageReference() {}

    /** The whole reference. */
    public static String markdown() {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        text.append("\n## Blocks\n");
        for (BlockWords block : Vocabulary.LANGUAGE.blocks()) {
            text.append('\n').append(block(block));
        }
        text.append(
                "\n## Results\n\nWhat verbs return, beside what their description says. A result's values are read with parentheses.\n");
        for (Class<?> type :
                List.of(CheckResult.class, HttpAnswer.class, StepLog.class, HttpWords.class, FailureReason.class)) {
            text.append('\n').append(members(type));
        }
        return text.append('\n').append(GUARD_RAILS).toString();
    }

    private static String block(BlockWords block) {
        StringBuilder text = new StringBuilder("### ")
                .append(title(block))
                .append("\n\n")
                .append(block.doc().value());
        if (!block.parents().isEmpty()) {
            text.append(" Stands ").append(parents(block)).append('.');
        }
        if (block.doc().needs().length > 0) {
            text.append(" Needs ").append(needs(block)).append('.');
        }
        text.append("\n\n| word | example | meaning | default |\n| --- | --- | --- | --- |\n");
        for (Term term : block.terms().values()) {
            text.append("| `").append(term.name()).append("` | `");
            text.append(cell(term.doc().example())).append("` | ");
            text.append(cell(term.doc().value()))
                    .append(values(block, term))
                    .append(opens(term))
                    .append(" | ");
            text.append(cell(byDefault(term))).append(" |\n");
        }
        return text.toString();
    }

    private static String title(BlockWords block) {
        return block.isFile() ? "The top level of a file" : "`" + block.name() + "`";
    }

    private static String parents(BlockWords block) {
        return block.parents().stream()
                .map(spec -> Vocabulary.LANGUAGE.blockOf(spec).orElseThrow())
                .map(parent -> parent.isFile() ? "at the top level of a file" : "in `" + parent.name() + "`")
                .collect(Collectors.joining(", "));
    }

    private static String needs(BlockWords block) {
        return Stream.of(block.doc().needs())
                .map(need -> "`" + need.replace("|", "` or `") + "`")
                .collect(Collectors.joining(", "));
    }

    private static String values(BlockWords block, Term term) {
        List<Value> values = block.values().values().stream()
                .filter(v -> List.of(v.doc().of()).contains(term.name()))
                .toList();
        boolean days = values.stream().anyMatch(v -> v.method().getReturnType() == Weekday.class);
        if (values.isEmpty() || days) {
            return "";
        }
        return values.stream()
                .map(v -> "<br>`" + v.name() + "`: " + cell(v.doc().value()))
                .collect(Collectors.joining());
    }

    private static String opens(Term term) {
        return Vocabulary.LANGUAGE
                .blockOf(term.opens())
                .map(block ->
                        " Options: see [" + block.name() + "](#" + block.name().toLowerCase(Locale.ROOT) + ").")
                .orElse("");
    }

    private static String byDefault(Term term) {
        String text = term.doc().byDefault();
        boolean code = text.matches("[\\w.,' ]*\\.\\w+|\\w+|''")
                && !text.isEmpty()
                && !text.equals("none")
                && !text.equals("never");
        return code ? "`" + text + "`" : text;
    }

    private static String members(Class<?> type) {
        StringBuilder text =
                new StringBuilder("### ").append(heading(type)).append("\n\n| written | meaning |\n| --- | --- |\n");
        Stream.of(type.getMethods())
                .filter(m -> m.isAnnotationPresent(Word.class))
                .sorted(Comparator.comparing(Method::getName))
                .map(m -> m.getAnnotation(Word.class))
                .forEach(word -> text.append("| `")
                        .append(cell(word.example()))
                        .append("` | ")
                        .append(cell(word.value()))
                        .append(" |\n"));
        return text.toString();
    }

    private static String heading(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "CheckResult" -> "Of `check`";
            case "HttpAnswer" -> "Of `http.get`";
            case "StepLog" -> "`log`";
            case "HttpWords" -> "`http`";
            default -> "`error`";
        };
    }

    /** Keeps a text within its cell of a table. */
    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
