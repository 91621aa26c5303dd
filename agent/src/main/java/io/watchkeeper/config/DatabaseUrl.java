package io.watchkeeper.config;

import io.watchkeeper.units.Secret;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a database, checked.
 *
 * @param text {@code jdbc:postgresql://host:port,host:port/database?options}, without any password
 * @param hosts without ports, IPv6 addresses without brackets
 */
record DatabaseUrl(String text, List<String> hosts) {

    private static final String PREFIX = "jdbc:postgresql://";
    private static final Pattern FORM =
            Pattern.compile("(?<hosts>[^/?]*)(?:/(?<database>[^?]*))?(?:\\?(?<options>.*))?");
    private static final Pattern HOST =
            Pattern.compile("(?:\\[(?<v6>[0-9A-Fa-f:.%]+)]|(?<name>[^:,\\[\\]\\s]+))(?::(?<port>\\d{1,5}))?");
    private static final Set<String> SECRET_OPTIONS = Set.of("password", "sslpassword");

    /** Why an address is refused; never with a password in it. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String hint;

        RefusedException(String message, String hint) {
            super(message);
            this.hint = hint;
        }

        String hint() {
            return hint;
        }
    }

    static DatabaseUrl parse(String text) throws RefusedException {
        Matcher form = FORM.matcher(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : afterScheme(text));
        if (!form.matches()) {
            throw malformed();
        }
        // Passwords first: every later message may then show what it found.
        refusePassword(form.group("hosts"), form.group("options") == null ? "" : form.group("options"));
        if (!text.startsWith(PREFIX)) {
            throw malformed();
        }
        if (form.group("database") == null || form.group("database").isEmpty()) {
            throw new RefusedException("does not name a database", "write " + PREFIX + "host:5432/database.");
        }
        return new DatabaseUrl(text, hosts(form.group("hosts")));
    }

    /** Whether every host is this one, as far as the address alone can tell. */
    boolean isLoopback() {
        return hosts.stream().allMatch(DatabaseUrl::isLoopback);
    }

    static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.matches("127(\\.\\d{1,3}){3}")
                || host.matches("(0{0,4}:){2,7}0{0,3}1");
    }

    private static List<String> hosts(String list) throws RefusedException {
        List<String> parts = List.of(list.split(",", -1));
        for (String part : parts) {
            Matcher host = HOST.matcher(part);
            if (!host.matches()) {
                throw new RefusedException(
                        part.isEmpty() ? "names no host" : "has '" + part + "' where a host is expected",
                        "write host, host:port or [IPv6]:port; several are separated by commas.");
            }
            String port = host.group("port");
            if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535)) {
                throw new RefusedException("has port " + port, "ports are 1 to 65535; PostgreSQL's own is 5432.");
            }
        }
        return parts.stream().map(DatabaseUrl::hostName).toList();
    }

    private static String hostName(String part) {
        Matcher host = HOST.matcher(part);
        return !host.matches() ? part : host.group("v6") != null ? host.group("v6") : host.group("name");
    }

    private static void refusePassword(String hosts, String options) throws RefusedException {
        int at = hosts.lastIndexOf('@');
        if (at >= 0) {
            String login = hosts.substring(0, at);
            remember(login.substring(login.indexOf(':') + 1));
            throw new RefusedException(
                    "has a login before the host",
                    "write the user as 'user' and the password as 'passwordFile', beside 'url'.");
        }
        for (String option : options.split("&")) {
            int equals = option.indexOf('=');
            String name = (equals < 0 ? option : option.substring(0, equals)).toLowerCase(Locale.ROOT);
            if (SECRET_OPTIONS.contains(name)) {
                remember(equals < 0 ? "" : option.substring(equals + 1));
                throw new RefusedException(
                        "has a password in it (option '" + name + "')",
                        "write the password into a file, mode 0600, and name it as 'passwordFile', beside 'url'.");
            }
            if (name.equals("user")) {
                throw new RefusedException("names the user", "write it as 'user', beside 'url'.");
            }
        }
    }

    /** A password that was written where it does not belong is still one that must not be printed. */
    private static void remember(String password) {
        if (!password.isEmpty()) {
            Secret.of(password);
        }
    }

    private static String afterScheme(String text) {
        int scheme = text.indexOf("//");
        return scheme < 0 ? text : text.substring(scheme + 2);
    }

    private static RefusedException malformed() {
        return new RefusedException(
                "is not an address of a PostgreSQL database", "write " + PREFIX + "host:5432/database.");
    }
}
