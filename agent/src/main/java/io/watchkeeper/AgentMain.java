package io.watchkeeper;

import io.watchkeeper.cli.WatchkeeperCommand;
import io.watchkeeper.logging.AgentLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** Where the process begins, and the only place that ends it or asks the system for the time. */
public final class AgentMain {

    private AgentMain() {}

    public static void main(String[] arguments) {
        AgentLog.begin();
        // Marks and table lines are UTF-8 whatever the locale of the shell or of systemd says.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(WatchkeeperCommand.execute(arguments, System.getenv(), Clock.systemDefaultZone(), out, err));
    }
}
