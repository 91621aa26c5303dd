package io.watchkeeper.toolkit.pitr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The configuration of a sandbox's server, which takes the place of the restored one altogether. */
final class SandboxSettings {

    private static final int EVENT_TRIGGERS_SINCE = 17;

    private SandboxSettings() {}

    static void write(Sandbox sandbox, Map<String, String> recovery, ControlData control, int major)
            throws IOException {
        Map<String, String> all = quiet(sandbox, major);
        control.leastSettings().forEach((name, least) -> all.put(name, Integer.toString(Math.max(least, floor(name)))));
        all.putAll(recovery);
        Path data = sandbox.data();
        write(sandbox, sandbox.settings(), SandboxServer.lines(all));
        write(sandbox, sandbox.folder().resolve("pg_hba.conf"), "local all all trust\n");
        write(sandbox, sandbox.folder().resolve("pg_ident.conf"), "");
        // Read last whatever config_file says; what ALTER SYSTEM set in production must not hold here.
        Files.deleteIfExists(data.resolve("postgresql.auto.conf"));
        Files.deleteIfExists(data.resolve("standby.signal"));
        write(sandbox, data.resolve("recovery.signal"), "");
    }

    private static Map<String, String> quiet(Sandbox sandbox, int major) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("data_directory", sandbox.data().toString());
        all.put("hba_file", sandbox.folder().resolve("pg_hba.conf").toString());
        all.put("ident_file", sandbox.folder().resolve("pg_ident.conf").toString());
        all.put("listen_addresses", "");
        all.put("port", Integer.toString(sandbox.port()));
        all.put("unix_socket_directories", sandbox.socketFolder().toString());
        all.put("unix_socket_permissions", "0700");
        all.put("cluster_name", "watchkeeper sandbox");
        all.put("hot_standby", "on");
        // Nothing that acts outward, or by itself.
        all.put("archive_mode", "off");
        all.put("primary_conninfo", "");
        all.put("primary_slot_name", "");
        all.put("synchronous_standby_names", "");
        all.put("max_logical_replication_workers", "0");
        all.put("shared_preload_libraries", "");
        all.put("session_preload_libraries", "");
        all.put("local_preload_libraries", "");
        all.put("autovacuum", "off");
        all.put("ssl", "off");
        if (major >= EVENT_TRIGGERS_SINCE) {
            all.put("event_triggers", "off");
        }
        // What is in it is thrown away, so it need not survive a power cut.
        all.put("fsync", "off");
        all.put("full_page_writes", "off");
        all.put("checkpoint_timeout", "1h");
        all.put("max_wal_size", "2GB");
        all.put("shared_buffers", "128MB");
        all.put("maintenance_work_mem", "128MB");
        all.put("dynamic_shared_memory_type", "mmap");
        all.put("huge_pages", "off");
        all.put("logging_collector", "off");
        all.put("log_destination", "stderr");
        all.put("log_line_prefix", "%m [%p] ");
        all.put("log_timezone", "UTC");
        all.put("lc_messages", "C");
        return all;
    }

    /** Enough for the drill's own sessions, whatever the primary had. */
    private static int floor(String name) {
        return name.equals("max_connections") ? 20 : 0;
    }

    private static void write(Sandbox sandbox, Path file, String text) throws IOException {
        Files.writeString(file, text);
        sandbox.user().give(file);
    }
}
