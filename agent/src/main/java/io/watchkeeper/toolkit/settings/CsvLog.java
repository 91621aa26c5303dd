package io.watchkeeper.toolkit.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Records of log_destination csvlog. Columns were added at their end over the versions, so the first of them are always the same. */
final class CsvLog implements LogParser {

    private static final Pattern BEGIN =
            Pattern.compile("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+ [^,\"]+,.*", Pattern.DOTALL);

    /** No entry is larger; what seems to be is a quote that was lost. */
    private static final int LONGEST_RECORD = 1 << 20;

    private static final int TIME = 0;
    private static final int USER = 1;
    private static final int SEVERITY = 11;
    private static final int STATE = 12;
    private static final int MESSAGE = 13;
    private static final int STATEMENT = 19;

    private final LogTimes times;
    private final Consumer<LogEntry> entries;
    private final StringBuilder record = new StringBuilder();
    private boolean inQuotes;

    CsvLog(LogTimes times, Consumer<LogEntry> entries) {
        this.times = times;
        this.entries = entries;
    }

    @Override
    public void line(String line) {
        if (record.isEmpty() && !BEGIN.matcher(line).matches()) {
            return; // the rest of a record whose beginning is not here
        }
        if (!record.isEmpty()) {
            record.append('\n');
        }
        record.append(line);
        for (int i = 0; i < line.length(); i++) {
            inQuotes ^= line.charAt(i) == '"';
        }
        if (!inQuotes) {
            entry(fields(record));
            clear();
        } else if (record.length() > LONGEST_RECORD) {
            clear();
        }
    }

    private void clear() {
        record.setLength(0);
        inQuotes = false;
    }

    private void entry(List<String> fields) {
        if (fields.size() > STATEMENT) {
            LogSeverity.of(fields.get(SEVERITY))
                    .ifPresent(severity -> entries.accept(new LogEntry(
                            times.read(fields.get(TIME)),
                            severity,
                            fields.get(STATE),
                            fields.get(MESSAGE),
                            fields.get(STATEMENT),
                            fields.get(USER))));
        }
    }

    private static List<String> fields(CharSequence record) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < record.length(); i++) {
            char c = record.charAt(i);
            if (c == '"' && quoted && i + 1 < record.length() && record.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    @Override
    public boolean isBetweenEntries() {
        return record.isEmpty();
    }

    @Override
    public void end() {
        clear(); // a record that is not whole is read again
    }
}
