package io.watchkeeper.config;

import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the value of a key looks like, as far as whoever reads it has said.
 *
 * @param least that is taken; null for no bound
 * @param most that is taken; null for no bound
 * @param fallback where the key is absent, and possibly one that no file could give, which stands for none; null for unknown
 */
record KeyShape(
        Kind kind,
        @Nullable Object least,
        @Nullable Object most,
        @Nullable Object fallback) {

    enum Kind {
        BLOCK,
        TEXT,
        PATH,
        LIST,
        FLAG,
        NUMBER,
        DURATION,
        SIZE
    }

    static final KeyShape BLOCK = new KeyShape(Kind.BLOCK, null, null, null);
    static final KeyShape TEXT = new KeyShape(Kind.TEXT, null, null, null);
    static final KeyShape PATH = new KeyShape(Kind.PATH, null, null, null);
    static final KeyShape LIST = new KeyShape(Kind.LIST, null, null, null);

    static KeyShape flag(boolean fallback) {
        return new KeyShape(Kind.FLAG, null, null, fallback);
    }

    static KeyShape number(int least, int most, int fallback) {
        return new KeyShape(Kind.NUMBER, least, most, fallback);
    }

    static KeyShape duration(Duration least, Duration fallback) {
        return new KeyShape(Kind.DURATION, least, null, fallback);
    }

    static KeyShape size(Bytes least, Bytes most, Bytes fallback) {
        return new KeyShape(Kind.SIZE, least, most, fallback);
    }
}
