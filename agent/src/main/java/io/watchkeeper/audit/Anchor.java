package io.watchkeeper.audit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the record's head was at some time, kept outside of the record: whoever shortens or rewrites the record cannot make it
 * fit an anchor that is out of his reach. Written as {@code 1204:9f86d0…}.
 *
 * @param position of the newest entry at that time, from 1
 * @param hash of that entry: 64 hexadecimal digits in lower case, or the first of them, at least 12
 */
public record Anchor(long position, String hash) {

    private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,17}):([0-9a-f]{12,64})");

    /** Empty when it is no anchor. */
    public static Optional<Anchor> parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        return matcher.matches()
                ? Optional.of(new Anchor(Long.parseLong(matcher.group(1)), matcher.group(2)))
                : Optional.empty();
    }

    /** Whether an entry with this hash is the one that the anchor was taken from. */
    public boolean isOf(String entryHash) {
        return entryHash.startsWith(hash);
    }

    @Override
    public String toString() {
        return position + ":" + hash;
    }
}
