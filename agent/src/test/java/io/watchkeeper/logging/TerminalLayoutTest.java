package io.watchkeeper.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.watchkeeper.units.Secret;
import org.junit.jupiter.api.Test;

class TerminalLayoutTest {

    private final LoggerContext context = new LoggerContext();
    private final TerminalLayout layout = new TerminalLayout();

    TerminalLayoutTest() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        layout.setContext(context);
    }

    @Test
    void namesAnErrorButShowsNoStackTraceAtACommandsQuietDefault() {
        AgentLog.setLevel(context, Level.WARN);

        assertThat(layout.doLayout(failure()))
                .matches("[0-9-]{10} [0-9:.]{12} WARN  alert\\.Mail: not sent: outer: inner\\n");
    }

    @Test
    void showsTheStackTraceWhereEventsAreReported() {
        AgentLog.setLevel(context, Level.INFO);

        assertThat(layout.doLayout(failure()))
                .contains("Mail: not sent\njava.lang.IllegalStateException: outer\n\tat ")
                .contains("Caused by: java.lang.IllegalArgumentException: inner");
    }

    @Test
    void takesSecretsOut() {
        AgentLog.setLevel(context, Level.WARN);
        Secret token = Secret.of("t0ken-of-the-terminal");

        assertThat(layout.doLayout(event("sent " + token.reveal(), new IllegalStateException(token.reveal()))))
                .endsWith("sent [redacted]: [redacted]\n");
    }

    private LoggingEvent failure() {
        return event("not sent", new IllegalStateException("outer", new IllegalArgumentException("inner")));
    }

    private LoggingEvent event(String message, Throwable thrown) {
        return new LoggingEvent(
                "", context.getLogger("io.watchkeeper.alert.Mail"), Level.WARN, message, thrown, new Object[0]);
    }
}
