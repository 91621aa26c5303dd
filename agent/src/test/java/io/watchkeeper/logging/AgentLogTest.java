package io.watchkeeper.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentLogTest {

    private final List<String> warnings = new ArrayList<>();

    @Test
    void isQuietUnlessTheEnvironmentSaysOtherwise() {
        assertThat(AgentLog.level(Map.of(), warnings::add)).isEqualTo(Level.WARN);
        assertThat(AgentLog.level(Map.of("WATCHKEEPER_LOG_LEVEL", "debug"), warnings::add))
                .isEqualTo(Level.DEBUG);
        assertThat(warnings).isEmpty();
    }

    @Test
    void warnsAboutALevelItDoesNotKnow() {
        assertThat(AgentLog.level(Map.of("WATCHKEEPER_LOG_LEVEL", "loud"), warnings::add))
                .isEqualTo(Level.INFO);
        assertThat(warnings).singleElement().asString().contains("'loud'").contains("Levels: error, warn");
    }

    @Test
    void keepsLibrariesToTheirWarnings() {
        LoggerContext context = new LoggerContext();

        AgentLog.setLevel(context, Level.DEBUG);

        assertThat(context.getLogger("io.watchkeeper.engine").isDebugEnabled()).isTrue();
        assertThat(context.getLogger("org.eclipse.jetty").isInfoEnabled()).isFalse();
        assertThat(context.getLogger("org.eclipse.jetty").isWarnEnabled()).isTrue();
    }

    @Test
    void silencesLibrariesTooWhenOnlyErrorsAreWanted() {
        LoggerContext context = new LoggerContext();

        AgentLog.setLevel(context, Level.ERROR);

        assertThat(context.getLogger("org.eclipse.jetty").isWarnEnabled()).isFalse();
    }

    @Test
    void takesTheJournalOnlyForTheStreamItNames(@TempDir Path folder) throws IOException {
        Path stream = Files.createFile(folder.resolve("stream"));
        Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
        String named = file.get("dev") + ":" + file.get("ino");

        assertThat(JournalStream.matches(Map.of("JOURNAL_STREAM", named), stream))
                .isTrue();
        assertThat(JournalStream.matches(Map.of("JOURNAL_STREAM", "8:1"), stream))
                .isFalse();
        assertThat(JournalStream.matches(Map.of(), stream)).isFalse();
        assertThat(JournalStream.matches(Map.of("JOURNAL_STREAM", named), folder.resolve("absent")))
                .isFalse();
    }
}
