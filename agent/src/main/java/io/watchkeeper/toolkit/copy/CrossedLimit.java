package io.watchkeeper.toolkit.copy;

/**
 * A table did not keep to a limit.
 *
 * @param table the source's table
 * @param value what was found, in the limit's unit; of a copy that is still going on, what it had come to when it was noticed
 */
public record CrossedLimit(CopyLimit limit, String table, long value) {

    /** For example {@code copying public.chunks has taken 10 min, longer than 9 min 30 s}. */
    public String sentence() {
        String what = limit.stage() == null ? "copying " + table : limit.stage() + " of " + table;
        String found = limit.say(value);
        String allowed = limit.say(limit.value());
        return switch (limit.kind()) {
            case LONGER_THAN -> what + " has taken " + found + ", longer than " + allowed;
            case SLOWER_THAN -> what + " went at " + found + ", slower than " + allowed;
            case MORE_ROWS_THAN, MORE_BYTES_THAN -> what + " has moved " + found + ", more than " + allowed;
        };
    }
}
