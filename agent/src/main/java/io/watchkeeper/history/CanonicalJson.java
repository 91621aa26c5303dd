package io.watchkeeper.history;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON that has one spelling only, so that its digest means something: as in RFC 8785, keys in order of their UTF-16 code units, no
 * whitespace, the shortest escapes. Unlike there, numbers are written out in decimal digits, without an exponent. Texts are
 * of bounded length.
 */
final class CanonicalJson {

    private static final String TWO_SIGNS = "\"\\\b\f\n\r\t";
    private static final String THEIR_LETTERS = "\"\\bfnrt";

    private final StringBuilder json = new StringBuilder(512);
    private final int longestText;

    private CanonicalJson(int longestText) {
        this.longestText = longestText;
    }

    /** @param longestText characters of a text that are kept */
    static String of(Map<String, ?> document, int longestText) {
        CanonicalJson canonical = new CanonicalJson(longestText);
        canonical.map(document);
        return canonical.json.toString();
    }

    private void value(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            map(map);
        } else if (value instanceof Iterable<?> list) {
            list(list);
        } else if (value == null || value instanceof Boolean) {
            json.append(String.valueOf(value));
        } else if (value instanceof Number number) {
            number(number);
        } else {
            text(value.toString());
        }
    }

    private void map(Map<?, ?> map) {
        // String's own order is that of UTF-16 code units.
        TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put(String.valueOf(key), value));
        char before = '{';
        for (Map.Entry<String, @Nullable Object> entry : sorted.entrySet()) {
            json.append(before);
            text(entry.getKey());
            json.append(':');
            value(entry.getValue());
            before = ',';
        }
        json.append(sorted.isEmpty() ? "{}" : "}");
    }

    private void list(Iterable<?> list) {
        json.append('[');
        String before = "";
        for (Object element : list) {
            json.append(before);
            value(element);
            before = ",";
        }
        json.append(']');
    }

    private void number(Number number) {
        if (number instanceof BigDecimal
                || number instanceof BigInteger
                || number instanceof Long
                || number instanceof Integer
                || number instanceof Short
                || number instanceof Byte) {
            json.append(new BigDecimal(number.toString()).toPlainString());
        } else if (Double.isFinite(number.doubleValue())) {
            String digits = BigDecimal.valueOf(number.doubleValue())
                    .stripTrailingZeros()
                    .toPlainString();
            json.append(digits);
        } else {
            text(number.toString());
        }
    }

    private void text(String text) {
        String shown = text.length() > longestText ? text.substring(0, longestText) + "…" : text;
        json.append('"');
        for (int i = 0; i < shown.length(); i++) {
            char c = shown.charAt(i);
            int escape = TWO_SIGNS.indexOf(c);
            if (escape >= 0) {
                json.append('\\').append(THEIR_LETTERS.charAt(escape));
            } else if (c < ' ') {
                json.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else if (isHalf(shown, i)) {
                // Half a character has no bytes in UTF-8.
                json.append('\uFFFD');
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    private static boolean isHalf(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
