package io.watchkeeper.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.watchkeeper.units.Secret;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JournalLayoutTest {

    private final LoggerContext context = new LoggerContext();

    JournalLayoutTest() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    @Test
    void writesPriorityAndKeysOnOneLine() {
        LoggingEvent event = event(Level.WARN, "ship is unreachable", null);
        event.setMDCPropertyMap(Map.of("run", "01JD8"));
        event.addKeyValuePair(new KeyValuePair("table", "public.documents"));

        assertThat(new JournalLayout().doLayout(event))
                .isEqualTo("<4>level=warn logger=postgres.DatabasePools thread=main run=01JD8 table=public.documents"
                        + " msg=\"ship is unreachable\"\n");
    }

    @Test
    void mapsLevelsToSyslogPriorities() {
        assertThat(line(Level.ERROR, "x", null)).startsWith("<3>level=error ");
        assertThat(line(Level.INFO, "x", null)).startsWith("<6>level=info ");
        assertThat(line(Level.DEBUG, "x", null)).startsWith("<7>level=debug ");
    }

    @Test
    void keepsAnErrorWithItsCausesOnTheSameLine() {
        String line = line(
                Level.ERROR, "step failed", new IllegalStateException("outer", new IllegalArgumentException("inner")));

        assertThat(line).containsOnlyOnce("\n").endsWith("\"\n");
        assertThat(line).contains("error=\"java.lang.IllegalStateException: outer\\n");
        assertThat(line).contains("Caused by: java.lang.IllegalArgumentException: inner");
    }

    @Test
    void escapesWhatWouldBreakALine() {
        assertThat(line(Level.INFO, "a \"b\"\nc\\d\te\u0007", null))
                .endsWith("msg=\"a \\\"b\\\"\\nc\\\\d\\te\\u0007\"\n");
        assertThat(line(Level.INFO, "", null)).endsWith("msg=\"\"\n");
        assertThat(line(Level.INFO, "a=b", null)).endsWith("msg=\"a=b\"\n");
    }

    @Test
    void takesSecretsOutOfMessagesArgumentsAndErrors() {
        Secret secret = Secret.of("s3cret \"quoted\"\npass");

        String line = line(
                Level.ERROR, "password " + secret.reveal(), new IllegalStateException("login as " + secret.reveal()));

        assertThat(line)
                .doesNotContain("s3cret")
                .contains("password [redacted]")
                .contains("login as [redacted]");
    }

    @Test
    void cutsAValueTheJournalWouldSplit() {
        assertThat(line(Level.INFO, "x".repeat(100_000), null).length()).isLessThan(48 * 1024);
    }

    private String line(Level level, String message, @Nullable Throwable thrown) {
        return new JournalLayout().doLayout(event(level, message, thrown));
    }

    private LoggingEvent event(Level level, String message, @Nullable Throwable thrown) {
        LoggingEvent event = new LoggingEvent(
                "", context.getLogger("io.watchkeeper.postgres.DatabasePools"), level, message, thrown, new Object[0]);
        event.setThreadName("main");
        return event;
    }
}
