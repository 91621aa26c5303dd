package io.watchkeeper.toolkit.backup;

import java.util.Map;

/**
 * A base backup that pg_basebackup has written whole.
 *
 * @param manifest as the server sent it
 * @param stored SHA-256 of the files that stay, by path below the backup's folder
 * @param sent what arrived, by path below the data directory as the server calls it; empty when it was not read for that
 */
record ReceivedBaseBackup(ServerManifest manifest, Map<String, String> stored, Map<String, FileSum> sent) {}
