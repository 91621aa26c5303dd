package io.watchkeeper.toolkit.copy;

import java.util.Locale;

/** Who moves the rows. */
public enum CopyMethod {

    /** The agent, by COPY on both servers. */
    COPY,

    /** The target's server, which reads the source's by postgres_fdw. */
    FDW;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
