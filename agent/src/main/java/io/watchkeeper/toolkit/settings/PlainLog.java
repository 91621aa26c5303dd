package io.watchkeeper.toolkit.settings;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lines as PostgreSQL writes them for people. An entry goes on with lines that begin with a tab, and with lines that have a prefix of their
 * own and the words DETAIL, CONTEXT, STATEMENT and so on in the place of a severity.
 */
final class PlainLog implements LogParser {

    private static final int LONGEST_MESSAGE = 4_000;

    private static final String STATEMENT = "STATEMENT|명령 구문|ANWEISUNG";
    private static final String OTHER_PARTS =
            "DETAIL|HINT|CONTEXT|QUERY|LOCATION|BACKTRACE|상세정보|힌트|내용|쿼리|TIPP|ZUSAMMENHANG|ANFRAGE";

    private static final String HEADS = LogSeverity.anyWord() + "|" + STATEMENT + "|" + OTHER_PARTS;

    private static final Pattern HEAD = Pattern.compile("^(?<word>" + HEADS + "): {1,2}(?<text>.*)$");

    /** Of lines that were written before log_line_prefix was changed. */
    private static final Pattern ANY_HEAD =
            Pattern.compile("^(?<before>[^\\t].{0,200}?)\\b(?<word>" + HEADS + "):  (?<text>.*)$");

    private static final Pattern STATEMENT_WORD = Pattern.compile(STATEMENT);

    private final LinePrefix prefix;
    private final LogTimes times;
    private final Consumer<LogEntry> entries;
    private @Nullable Draft draft;

    /** @param prefix log_line_prefix */
    PlainLog(String prefix, LogTimes times, Consumer<LogEntry> entries) {
        this.prefix = LinePrefix.of(prefix, HEADS);
        this.times = times;
        this.entries = entries;
    }

    /** An entry that may go on. */
    private static final class Draft {
        private final LogSeverity severity;
        private final String time;
        private final String state;
        private final String user;
        private final StringBuilder message;
        private final StringBuilder statement = new StringBuilder();
        private @Nullable StringBuilder goesOn;

        Draft(LogSeverity severity, String time, String state, String user, String message) {
            this.severity = severity;
            this.time = time;
            this.state = state;
            this.user = user;
            this.message = new StringBuilder(message);
            this.goesOn = this.message;
        }
    }

    @Override
    public void line(String line) {
        if (line.startsWith("\t")) {
            if (draft != null && draft.goesOn != null && draft.goesOn.length() < LONGEST_MESSAGE) {
                draft.goesOn.append('\n').append(line, 1, line.length());
            }
            return;
        }
        Optional<LinePrefix.Matched> matched = prefix.match(line);
        if (matched.isPresent()) {
            Matcher head = HEAD.matcher(matched.get().rest());
            if (head.matches()) {
                head(
                        matched.get().time(),
                        matched.get().state(),
                        matched.get().user(),
                        head.group("word"),
                        head.group("text"));
                return;
            }
        }
        Matcher head = ANY_HEAD.matcher(line);
        if (head.matches()) {
            head("", "", "", head.group("word"), head.group("text"));
        }
    }

    private void head(String time, String state, String user, String word, String text) {
        Optional<LogSeverity> severity = LogSeverity.of(word);
        if (severity.isPresent()) {
            end();
            draft = new Draft(severity.get(), time, state, user, text);
        } else if (draft != null && STATEMENT_WORD.matcher(word).matches()) {
            draft.statement.append(text);
            draft.goesOn = draft.statement;
        } else if (draft != null) {
            draft.goesOn = null;
        }
    }

    @Override
    public boolean isBetweenEntries() {
        return true;
    }

    @Override
    public void end() {
        Draft done = draft;
        draft = null;
        if (done != null) {
            entries.accept(new LogEntry(
                    times.read(done.time),
                    done.severity,
                    done.state,
                    done.message.toString(),
                    done.statement.toString(),
                    done.user));
        }
    }
}
