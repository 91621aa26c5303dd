package io.watchkeeper.toolkit.settings;

import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How pgaudit's lines are collected.
 *
 * @param reader who remembers how far it has read: a runbook's name
 * @param run which reading this is: asked again in the same run, the same is read again
 * @param file where the log is on this host; null to ask the server
 * @param firstLook how far back the first reading goes
 * @param atMost is read at once; the end of the log goes first
 * @param keeps whether this reading is remembered
 */
public record AuditLogPlan(
        String reader, String run, @Nullable Path file, Duration firstLook, Bytes atMost, boolean keeps) {}
