package io.watchkeeper.toolkit.copy;

import java.util.Locale;

/** How rows travel. */
public enum CopyFormat {

    /** Binary where every column's type is the same on both sides and has a portable binary form, else text. */
    AUTO,

    /** Binary, or a refusal that names the columns in the way. */
    BINARY,

    TEXT;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
