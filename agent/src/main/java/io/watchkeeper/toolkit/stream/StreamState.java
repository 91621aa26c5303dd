package io.watchkeeper.toolkit.stream;

import java.util.Locale;

/** How a subscription is doing. */
public enum StreamState {
    /** Changes arrive as they are committed. */
    STREAMING,
    /** Tables are still being copied; changes of the others arrive. */
    COPYING,
    /** Enabled, and its worker does not stay connected to the source. */
    DOWN,
    /** Somebody, or an error, disabled it. */
    DISABLED,
    /** The agent disabled it, because the tables of both sides do not fit. */
    HALTED,
    /** There is no subscription any more: polling goes on where it ended. */
    POLLING;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
