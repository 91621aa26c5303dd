package io.watchkeeper.toolkit.settings;

import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import java.util.Map;
import java.util.Optional;

/** Whether the server uses the memory there is, and no more. */
final class MemoryRules {

    private static final long MEGABYTE = Bytes.megabytes(1).count();
    private static final long GIGABYTE = Bytes.gigabytes(1).count();
    private static final long LARGEST_SHARED_BUFFERS = 32 * GIGABYTE;
    private static final long LARGEST_MAINTENANCE = GIGABYTE;

    private final ServerSettings settings;
    private final SettingFindings findings;
    private final Bytes memory;

    private MemoryRules(ServerSettings settings, SettingFindings findings, Bytes memory) {
        this.settings = settings;
        this.findings = findings;
        this.memory = memory;
    }

    /** @param memory of the server's host; empty when nobody knows it */
    static void examine(ServerSettings settings, SettingFindings findings, Optional<Bytes> memory) {
        if (memory.isEmpty()) {
            findings.say(
                    ReviewStatus.OK,
                    "memoryUnknown",
                    "how much memory the server's host has is not known, so settings of memory were not compared",
                    Map.of(),
                    "say it in the block: memory 8.gigabytes");
            return;
        }
        MemoryRules rules = new MemoryRules(settings, findings, memory.get());
        rules.sharedBuffers();
        rules.cache();
        rules.work();
        rules.maintenance();
    }

    /** A cache larger than what it caches is of no use, so a small database has enough with less. */
    private void sharedBuffers() {
        long shared = bytes("shared_buffers");
        long all = memory.count();
        String recommended = text(Math.min(all / 4, LARGEST_SHARED_BUFFERS));
        if (shared > all * 0.45) {
            findings.warn(
                    "sharedBuffers",
                    "shared_buffers",
                    "shared_buffers is " + settings.words("shared_buffers") + " of " + memory
                            + " of memory: too little is left for sessions and for the system's own cache",
                    recommended);
        } else if (shared < Math.min(all * 0.15, LARGEST_SHARED_BUFFERS / 2.0)
                && shared < settings.facts().databaseSize().count()) {
            findings.warn(
                    "sharedBuffers",
                    "shared_buffers",
                    "shared_buffers is " + settings.words("shared_buffers") + " of " + memory
                            + " of memory, and the database has "
                            + settings.facts().databaseSize() + ": it is read from disk again and again",
                    recommended);
        }
    }

    private void cache() {
        long cache = bytes("effective_cache_size");
        if (cache > memory.count() || cache < memory.count() * 0.4) {
            findings.warn(
                    "effectiveCacheSize",
                    "effective_cache_size",
                    "effective_cache_size is " + settings.words("effective_cache_size") + " of " + memory
                            + " of memory: the planner thinks "
                            + (cache > memory.count() ? "more" : "less") + " of the data is cached than is",
                    text(memory.count() * 7 / 10));
        }
    }

    /** The worst case, all sessions sorting at once, must not end in the kernel killing the server. */
    private void work() {
        long connections = settings.number("max_connections").orElse(0.0).longValue();
        long work = bytes("work_mem");
        long upkeep = settings.number("autovacuum_max_workers").orElse(0.0).longValue()
                * settings.size("autovacuum_work_mem").map(Bytes::count).orElseGet(this::maintenanceToCome);
        long left = memory.count() - bytes("shared_buffers") - upkeep;
        if (connections * work <= left) {
            return;
        }
        String message = "work_mem of " + settings.words("work_mem") + " for " + connections
                + " connections, with shared_buffers and autovacuum, may come to "
                + Bytes.of(connections * work + bytes("shared_buffers") + upkeep) + " of " + memory;
        long fits = left / Math.max(1, connections);
        if (fits >= MEGABYTE) {
            findings.warn("workMem", "work_mem", message, fits / MEGABYTE + "MB");
        } else {
            long fewer = Math.max(20, Math.max(0, left) / Math.max(work, 4 * MEGABYTE));
            findings.warn("workMem", "max_connections", message, Long.toString(Math.min(fewer, connections)));
        }
    }

    /** What it is, or will be when the proposal is followed. */
    private long maintenanceToCome() {
        return isMaintenanceShort() ? recommendedMaintenance() : bytes("maintenance_work_mem");
    }

    private boolean isMaintenanceShort() {
        return bytes("maintenance_work_mem") < Math.min(memory.count() / 64, 256 * MEGABYTE);
    }

    private long recommendedMaintenance() {
        return Math.min(memory.count() / 32, LARGEST_MAINTENANCE);
    }

    private void maintenance() {
        if (isMaintenanceShort()) {
            findings.warn(
                    "maintenanceWorkMem",
                    "maintenance_work_mem",
                    "maintenance_work_mem is " + settings.words("maintenance_work_mem") + " of " + memory
                            + ": VACUUM and CREATE INDEX go over their data more often than they must",
                    text(recommendedMaintenance()));
        }
    }

    private long bytes(String setting) {
        return settings.size(setting).map(Bytes::count).orElse(0L);
    }

    /** As postgresql.conf has it, in round figures. */
    private static String text(long bytes) {
        return bytes >= 8 * GIGABYTE ? bytes / GIGABYTE + "GB" : Math.max(1, bytes / MEGABYTE) + "MB";
    }
}
