package io.watchkeeper.toolkit.standby;

import java.util.Locale;

/** What is done for a standby, in this order. Each finds out by itself what is there already. */
public enum StandbyStep {
    SETTINGS,
    ROLE,
    HBA,
    SLOT,
    LOGIN,
    COPY,
    CONFIGURE,
    START,
    STREAMING;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
