package io.watchkeeper.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;

/**
 * Configures logback without an XML file, which would take 0.15 s more of every start. A file named by
 * {@code -Dlogback.configurationFile} is used instead where somebody wants one.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogConfigurator extends ContextAwareBase implements Configurator {

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        LayoutBase<ILoggingEvent> layout = JournalStream.isStandardError() ? new JournalLayout() : new TerminalLayout();
        layout.setContext(context);
        layout.start();

        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();

        ConsoleAppender<ILoggingEvent> standardError = new ConsoleAppender<>();
        standardError.setContext(context);
        standardError.setName("stderr");
        standardError.setTarget("System.err");
        standardError.setEncoder(encoder);
        standardError.start();

        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(standardError);
        AgentLog.setLevel(context, AgentLog.level(System.getenv(), root::warn));
        // It logs the stack of what it also throws, such as a port that is taken; the thrower's caller says it in plain
        // words.
        context.getLogger("io.javalin").setLevel(Level.OFF);
        JavaUtilLogging.forward();
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
