package io.watchkeeper.toolkit.standby;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The lines of pg_hba.conf that let one standby in, between two markers. They stand above all others, because the first line that fits
 * decides, and they fit one role from one address only.
 *
 * @param standby its name
 * @param lines without the markers
 */
record HbaBlock(String standby, List<String> lines) {

    private static final Pattern ADDRESS = Pattern.compile(
            "(?:\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}" // IPv4
                    + "|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/\\d{1,3}" // IPv6
                    + "|samehost|samenet|\\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?");

    HbaBlock {
        lines = List.copyOf(lines);
    }

    /** @param from an address with its mask's length, {@code samehost}, {@code samenet} or a host's name; an address alone is that host */
    static HbaBlock of(String standby, String role, String from, boolean tlsOnly) {
        return new HbaBlock(standby, List.of(line(role, from, tlsOnly)));
    }

    static String line(String role, String from, boolean tlsOnly) {
        return (tlsOnly ? "hostssl" : "host") + "  replication  \"" + role.replace("\"", "\"\"") + "\"  "
                + address(from) + "  scram-sha-256";
    }

    private static String address(String from) {
        String full = from;
        if (from.matches("(?:\\d{1,3}\\.){3}\\d{1,3}")) {
            full = from + "/32";
        } else if (from.contains(":") && !from.contains("/")) {
            full = from + "/128";
        }
        if (!ADDRESS.matcher(full).matches()) {
            throw new OperatorException(
                    "'" + from + "' is no address that pg_hba.conf knows",
                    "write hbaFrom '10.9.0.2/32', an IPv6 address, samehost, samenet, or a host's name.");
        }
        return full;
    }

    private String begin() {
        return "# BEGIN standby " + standby + ", kept by Watchkeeper: edit the runbook instead";
    }

    private String end() {
        return "# END standby " + standby;
    }

    /** The file's text with this block in it, and with no older one of this standby. */
    String into(String text) {
        return begin() + "\n" + String.join("\n", lines) + "\n" + end() + "\n" + outOf(text);
    }

    /** The file's text without the block; all else is as it was. A block whose end somebody removed loses its first line only. */
    String outOf(String text) {
        List<String> kept = new ArrayList<>();
        String[] all = text.split("\n", -1);
        for (int i = 0; i < all.length; i++) {
            if (!all[i].equals(begin())) {
                kept.add(all[i]);
                continue;
            }
            int close = indexOf(all, end(), i);
            if (close >= 0) {
                i = close;
            }
        }
        return String.join("\n", kept);
    }

    private static int indexOf(String[] all, String line, int from) {
        for (int i = from; i < all.length; i++) {
            if (all[i].equals(line)) {
                return i;
            }
        }
        return -1;
    }

    boolean isIn(String text) {
        return into(outOf(text)).equals(text);
    }
}
