package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;

/** Where a base backup begins to need log. */
public record WalStart(long timeline, Lsn position) {}
