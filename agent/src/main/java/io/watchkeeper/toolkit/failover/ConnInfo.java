package io.watchkeeper.toolkit.failover;

import io.watchkeeper.problem.OperatorException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A connection string as libpq reads it: {@code host=10.9.0.2 user='the one'}. May hold a password, so it is not for showing. */
final class ConnInfo {

    private final Map<String, String> words;

    private ConnInfo(Map<String, String> words) {
        this.words = words;
    }

    /** @throws OperatorException when it is an address or cannot be read */
    static ConnInfo parse(String text) {
        if (text.startsWith("postgres://") || text.startsWith("postgresql://")) {
            throw new OperatorException(
                    "primary_conninfo is written as an address", "write it as words: host=… port=… user=….");
        }
        Map<String, String> words = new LinkedHashMap<>();
        int at = skipBlanks(text, 0);
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                throw new OperatorException("primary_conninfo cannot be read: a word has no '='", null);
            }
            StringBuilder value = new StringBuilder();
            int end = value(text, skipBlanks(text, equals + 1), value);
            words.put(text.substring(at, equals).strip(), value.toString());
            at = skipBlanks(text, end);
        }
        return new ConnInfo(words);
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** @return where the value ends */
    private static int value(String text, int from, StringBuilder value) {
        boolean quoted = from < text.length() && text.charAt(from) == '\'';
        int at = quoted ? from + 1 : from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\' && at + 1 < text.length()) {
                value.append(text.charAt(at + 1));
                at += 2;
            } else if (quoted ? c == '\'' : Character.isWhitespace(c)) {
                return quoted ? at + 1 : at;
            } else {
                value.append(c);
                at++;
            }
        }
        return at;
    }

    Optional<String> word(String name) {
        return Optional.ofNullable(words.get(name));
    }

    ConnInfo with(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(words);
        changed.put(name, value);
        return new ConnInfo(changed);
    }

    ConnInfo without(String... names) {
        Map<String, String> changed = new LinkedHashMap<>(words);
        changed.keySet().removeAll(List.of(names));
        return new ConnInfo(changed);
    }

    /** For another server, under another name. @param address host and port */
    ConnInfo leadingTo(String address, String applicationName) {
        int colon = address.lastIndexOf(':');
        return without("hostaddr")
                .with("host", address.substring(0, colon).replaceAll("[\\[\\]]", ""))
                .with("port", address.substring(colon + 1))
                .with("application_name", applicationName);
    }

    /** @param address host and port */
    boolean leadsTo(String address) {
        return words.equals(leadingTo(address, word("application_name").orElse("")).words);
    }

    String text() {
        return words.entrySet().stream()
                .map(word -> word.getKey() + "='"
                        + word.getValue().replace("\\", "\\\\").replace("'", "\\'") + "'")
                .collect(Collectors.joining(" "));
    }

    /** Without values: a password may be among them. */
    @Override
    public String toString() {
        return words.keySet().toString();
    }
}
