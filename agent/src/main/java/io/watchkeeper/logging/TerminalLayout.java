package io.watchkeeper.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import io.watchkeeper.units.Secret;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * One event for a person: local time, level, where from, what. An error is named after it; its stack trace follows only where
 * events are reported too, so that a command at its quiet default never shows one.
 */
final class TerminalLayout extends LayoutBase<ILoggingEvent> {

    private final DateTimeFormatter time =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder text = new StringBuilder(120);
        time.formatTo(event.getInstant(), text);
        text.append(' ').append(String.format("%-5s", event.getLevel()));
        text.append(' ').append(LogText.shortName(event.getLoggerName()));
        String runbook = event.getMDCPropertyMap().get("runbook");
        if (runbook != null) {
            text.append(' ').append(runbook);
        }
        text.append(": ");
        text.append(event.getFormattedMessage());
        if (AgentLog.reportsEvents((LoggerContext) getContext())) {
            text.append('\n').append(LogText.stackTrace(event));
        } else {
            text.append(LogText.causes(event)).append('\n');
        }
        return Secret.redact(text.toString());
    }
}
