package io.watchkeeper.http;

import io.watchkeeper.access.Network;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is remembered of addresses: of so many at most, those longest not heard of forgotten first. IPv6 addresses with the first
 * 64 bits in common are one, since whoever has one of them has them all. Not for several threads at once.
 */
final class Neighbourhood<T> {

    private static final int MOST = 4_096;

    private final Map<String, T> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > MOST;
        }
    };
    private final Supplier<T> stranger;

    /** @param stranger what is made of an address not remembered */
    Neighbourhood(Supplier<T> stranger) {
        this.stranger = stranger;
    }

    T at(String address) {
        return known.computeIfAbsent(key(address), key -> stranger.get());
    }

    /** Without beginning to remember it. */
    Optional<T> find(String address) {
        return Optional.ofNullable(known.get(key(address)));
    }

    int size() {
        return known.size();
    }

    private static String key(String address) {
        InetAddress parsed = Network.address(address).orElse(null);
        if (!(parsed instanceof Inet6Address)) {
            return address;
        }
        StringBuilder key = new StringBuilder();
        byte[] bytes = parsed.getAddress();
        for (int i = 0; i < 8; i++) {
            key.append(String.format("%02x", bytes[i]));
        }
        return key.append("::/64").toString();
    }
}
