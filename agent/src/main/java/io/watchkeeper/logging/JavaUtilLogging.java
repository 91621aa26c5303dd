package io.watchkeeper.logging;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Sends what libraries say through java.util.logging (the PostgreSQL driver does) the same way as all else, so that it is
 * redacted and has a priority. The JDK makes one of these when the first such library logs; until then it costs nothing.
 */
public final class JavaUtilLogging {

    /** Called by java.util.logging itself, in place of reading its configuration file. */
    public JavaUtilLogging() {
        java.util.logging.Logger root = LogManager.getLogManager().getLogger("");
        if (root != null) {
            root.setLevel(Level.WARNING);
            root.addHandler(new Forwarding());
        }
    }

    static void forward() {
        if (System.getProperty("java.util.logging.config.file") == null) {
            System.setProperty("java.util.logging.config.class", JavaUtilLogging.class.getName());
        }
    }

    private static final class Forwarding extends Handler {

        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord event) {
            String name = event.getLoggerName() == null ? "java.util.logging" : event.getLoggerName();
            org.slf4j.Logger logger = LoggerFactory.getLogger(name);
            if (event.getLevel().intValue() >= Level.SEVERE.intValue()) {
                logger.error(formatter.formatMessage(event), event.getThrown());
            } else {
                logger.warn(formatter.formatMessage(event), event.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
