package io.watchkeeper.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

/** The parts of an event that both layouts show. */
final class LogText {

    private static final String OURS = "io.watchkeeper.";

    private LogText() {}

    /** {@code engine.RunbookRunner}; for a library's logger its last word. */
    static String shortName(String logger) {
        return logger.startsWith(OURS)
                ? logger.substring(OURS.length())
                : logger.substring(logger.lastIndexOf('.') + 1);
    }

    /** {@code : what was thrown: why: why}, on one line; empty when the event carries none. */
    static String causes(ILoggingEvent event) {
        StringBuilder text = new StringBuilder();
        for (IThrowableProxy thrown = event.getThrowableProxy(); thrown != null; thrown = thrown.getCause()) {
            String message = thrown.getMessage();
            text.append(": ").append(message == null ? thrown.getClassName() : message.replace('\n', ' '));
        }
        return text.toString();
    }

    /** With its causes; empty when the event carries none. */
    static String stackTrace(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return thrown == null ? "" : ThrowableProxyUtil.asString(thrown);
    }
}
