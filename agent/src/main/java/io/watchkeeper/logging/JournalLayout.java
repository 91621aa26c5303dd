package io.watchkeeper.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import io.watchkeeper.units.Secret;
import org.slf4j.event.KeyValuePair;

/**
 * One line per event for systemd's journal: a syslog priority, then {@code key=value} pairs.
 *
 * <pre>{@code <4>level=warn logger=postgres.DatabasePools thread=main run=01JD8… msg="ship is unreachable"}</pre>
 *
 * The journal adds the time. A line break inside a value is written {@code \n}, because each line of its own would lose the
 * priority and the keys.
 */
final class JournalLayout extends LayoutBase<ILoggingEvent> {

    /** journald cuts a line at 48 KiB and the rest arrives without its priority. */
    private static final int LONGEST_VALUE = 16 * 1024;

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        line.append('<').append(priority(event.getLevel())).append('>');
        line.append("level=").append(event.getLevel().toString().toLowerCase(java.util.Locale.ROOT));
        pair(line, "logger", LogText.shortName(event.getLoggerName()));
        pair(line, "thread", event.getThreadName());
        event.getMDCPropertyMap().forEach((key, value) -> pair(line, key, value));
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                pair(line, pair.key, String.valueOf(pair.value));
            }
        }
        pair(line, "msg", event.getFormattedMessage());
        String trace = LogText.stackTrace(event);
        if (!trace.isEmpty()) {
            pair(line, "error", trace);
        }
        return line.append('\n').toString();
    }

    /** The priorities of syslog(3). */
    private static int priority(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> 3;
            case Level.WARN_INT -> 4;
            case Level.INFO_INT -> 6;
            default -> 7;
        };
    }

    private static void pair(StringBuilder line, String key, String value) {
        String text = Secret.redact(value);
        if (text.length() > LONGEST_VALUE) {
            text = text.substring(0, LONGEST_VALUE) + "…";
        }
        line.append(' ').append(key).append('=');
        if (isPlain(text)) {
            line.append(text);
        } else {
            quote(line, text);
        }
    }

    private static boolean isPlain(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7f);
    }

    private static void quote(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }
}
