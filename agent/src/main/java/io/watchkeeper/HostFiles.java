package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.DatabaseTls;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What of the host's files may run out: room on disks, and certificates. */
final class HostFiles {

    private HostFiles() {}

    /** The folders the agent itself fills. */
    static Map<String, Path> folders(AgentConfig config) {
        Map<String, Path> folders = new LinkedHashMap<>();
        folders.put("state", config.state());
        Path repository = config.backups().repository();
        if (repository != null) {
            folders.put("backups", repository);
        }
        return folders;
    }

    /** PEM files with certificates or revocation lists, by what they are used for. */
    static Map<String, Path> certificates(AgentConfig config) {
        Map<String, Path> files = new LinkedHashMap<>();
        AgentConfig.Tls tls = config.http().tls();
        if (tls != null) {
            files.put("http", tls.certificate());
            Path clients = tls.clientCa();
            if (clients != null) {
                files.put("http-clients", clients);
            }
            Path revocations = tls.clientCrl();
            if (revocations != null) {
                files.put("http-clients-crl", revocations);
            }
        }
        for (DatabaseSettings database : config.databases()) {
            DatabaseTls own = database.tls();
            Path certificate = own == null ? null : own.certificate();
            if (certificate != null) {
                files.put("database-" + database.name(), certificate);
            }
        }
        return files;
    }
}
