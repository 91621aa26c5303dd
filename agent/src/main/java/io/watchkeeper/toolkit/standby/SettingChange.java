package io.watchkeeper.toolkit.standby;

import org.jspecify.annotations.Nullable;

/**
 * A setting of the primary that was changed by ALTER SYSTEM.
 *
 * @param before what postgresql.auto.conf said; null when it did not have it
 * @param set what it says since
 */
record SettingChange(String name, @Nullable String before, String set) {}
