package io.watchkeeper.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses with a beginning in common, written as {@code 10.0.0.0/8} or {@code fd00::/64}; one address alone is a network of one.
 *
 * @param prefix how many leading bits count
 */
public record Network(InetAddress address, int prefix) {

    private static final Pattern FORM = Pattern.compile("(?<address>[0-9A-Fa-f:.]+)(?:/(?<prefix>\\d{1,3}))?");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** Empty for anything but an address in digits: names are never looked up. */
    public static Optional<Network> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        Optional<InetAddress> address = address(form.group("address"));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int longest = address.get().getAddress().length * 8;
        int prefix = form.group("prefix") == null ? longest : Integer.parseInt(form.group("prefix"));
        return prefix > longest ? Optional.empty() : Optional.of(new Network(address.get(), prefix));
    }

    /** Of an address in digits, as a connection tells it: perhaps in brackets, perhaps with the interface it is on. */
    public static Optional<InetAddress> address(String text) {
        String digits = text.replaceFirst("^\\[(.*)]$", "$1").replaceFirst("%.*$", "");
        // Without one of the two forms Java would ask the name service.
        if (!IPV4.matcher(digits).matches() && digits.indexOf(':') < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(digits));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    public boolean contains(InetAddress other) {
        byte[] ours = address.getAddress();
        byte[] theirs = other.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((ours[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
