package io.watchkeeper.toolkit.backup;

/**
 * A file of a backup.
 *
 * @param path below the backup's folder, with {@code /}
 * @param sha256 of the file as it is stored, compressed and encrypted, in lower-case hexadecimal
 */
public record StoredFile(String path, long bytes, String sha256) {}
