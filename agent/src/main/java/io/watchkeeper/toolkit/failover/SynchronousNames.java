package io.watchkeeper.toolkit.failover;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which standbys a commit waits for.
 *
 * @param count how many of them; 0 with no names
 * @param names application_names; {@code *} for any
 */
public record SynchronousNames(Kind kind, int count, List<String> names) {

    /** Nobody: commits wait for the primary's own disk alone. */
    public static final SynchronousNames NONE = new SynchronousNames(Kind.NONE, 0, List.of());

    private static final Pattern LIST =
            Pattern.compile("\\s*(?:(?:(ANY|FIRST)\\s+)?(\\d+)\\s*\\((.*)\\)|(.*))\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME = Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")*)\"|([^\\s,\"]+))\\s*(?:,|$)");
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

    /** How they are chosen. */
    public enum Kind {
        NONE,
        /** Those named first that are connected. */
        FIRST,
        /** Whichever answer first. */
        ANY
    }

    /** @throws OperatorException when fewer are named than are waited for */
    public SynchronousNames {
        names = List.copyOf(names);
        if (kind != Kind.NONE && (count < 1 || (count > names.size() && !names.contains("*")))) {
            throw new OperatorException(
                    "a commit cannot wait for " + count + " of " + names.size() + " standbys",
                    "name at least as many standbys as a commit is to wait for, and one at least.");
        }
    }

    public static SynchronousNames any(int count, List<String> names) {
        return new SynchronousNames(Kind.ANY, count, names);
    }

    public static SynchronousNames first(int count, List<String> names) {
        return new SynchronousNames(Kind.FIRST, count, names);
    }

    /** Reads a value of synchronous_standby_names that a server has taken. */
    public static SynchronousNames parse(String setting) {
        if (setting.isBlank()) {
            return NONE;
        }
        Matcher list = LIST.matcher(setting);
        if (!list.matches()) {
            throw new OperatorException("synchronous_standby_names is '" + setting + "', which cannot be read", null);
        }
        if (list.group(4) != null) {
            return first(1, namesIn(list.group(4)));
        }
        Kind kind =
                list.group(1) == null ? Kind.FIRST : Kind.valueOf(list.group(1).toUpperCase(Locale.ROOT));
        return new SynchronousNames(kind, Integer.parseInt(list.group(2)), namesIn(list.group(3)));
    }

    private static List<String> namesIn(String text) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(text);
        int at = 0;
        while (at < text.length() && name.find(at) && name.start() == at) {
            names.add(name.group(1) == null ? name.group(2) : name.group(1).replace("\"\"", "\""));
            at = name.end();
        }
        return names;
    }

    /** Whether a standby of that application_name is meant; PostgreSQL does not tell capitals apart here. */
    public boolean means(String applicationName) {
        return names.stream().anyMatch(name -> name.equals("*") || name.equalsIgnoreCase(applicationName));
    }

    /** As the setting's value. */
    @Override
    public String toString() {
        if (kind == Kind.NONE) {
            return "";
        }
        return kind + " " + count + " ("
                + names.stream().map(SynchronousNames::quoted).collect(Collectors.joining(", ")) + ")";
    }

    private static String quoted(String name) {
        // FIRST and ANY are words of the setting's own grammar.
        boolean bare =
                name.equals("*") || (PLAIN.matcher(name).matches() && !name.equals("first") && !name.equals("any"));
        return bare ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
