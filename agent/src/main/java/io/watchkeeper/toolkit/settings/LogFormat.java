package io.watchkeeper.toolkit.settings;

import java.time.ZoneId;
import java.util.function.Consumer;

/** How a server writes its log. */
enum LogFormat {
    PLAIN(".log"),
    CSV(".csv"),
    JSON(".json");

    private final String suffix;

    LogFormat(String suffix) {
        this.suffix = suffix;
    }

    /** Of the collector's files. */
    String suffix() {
        return suffix;
    }

    /**
     * @param prefix log_line_prefix, of the plain format
     * @param zone log_timezone
     * @param entries told of each
     */
    LogParser parser(String prefix, ZoneId zone, Consumer<LogEntry> entries) {
        LogTimes times = new LogTimes(zone);
        return switch (this) {
            case PLAIN -> new PlainLog(prefix, times, entries);
            case CSV -> new CsvLog(times, entries);
            case JSON -> new JsonLog(times, entries);
        };
    }
}
