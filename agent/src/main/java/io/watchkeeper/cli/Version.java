package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"watchkeeper " + Agent.version(), "Java " + System.getProperty("java.version")};
    }
}
