package io.watchkeeper.replicas;

/**
 * How much log a replica has not yet got through each stage, in bytes behind the server's present position: sent ≤ write ≤ flush ≤
 * replay. Each is {@value #UNKNOWN} where nobody knows.
 */
public record LagBytes(long sent, long write, long flush, long replay) {

    public static final long UNKNOWN = -1;

    public static final LagBytes NOTHING_KNOWN = new LagBytes(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
}
