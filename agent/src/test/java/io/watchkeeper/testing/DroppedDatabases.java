package io.watchkeeper.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Drops the databases of a test class when it is done: thousands of them would fill the memory or the disk that they are in. */
public final class DroppedDatabases implements BeforeAllCallback, AfterAllCallback {

    private static int running;

    @Override
    public void beforeAll(ExtensionContext context) {
        if (isTopLevel(context)) {
            synchronized (DroppedDatabases.class) {
                running++;
            }
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!isTopLevel(context)) {
            return;
        }
        synchronized (DroppedDatabases.class) {
            // Some classes run beside each other, and nobody knows whose a database is.
            if (--running == 0) {
                TestServers.dropDatabases();
            }
        }
    }

    private static boolean isTopLevel(ExtensionContext context) {
        return context.getParent().flatMap(ExtensionContext::getTestClass).isEmpty();
    }
}
