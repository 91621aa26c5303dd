package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.toolkit.replication.ServerLook.Identity;
import io.watchkeeper.toolkit.replication.ServerLook.Sender;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How the replicas of a server are called. A standby that is configured has its name there: it is recognised by its application_name,
 * by its slot, by what it says of itself, or as the only one at its address. Others have their application_name, else their slot, else
 * their address.
 *
 * @param standbys those that are configured as standbys of the server
 * @param identities what standbys say of themselves, by name, as far as they were asked
 */
record ReplicaNames(Collection<DatabaseSettings> standbys, Map<String, Identity> identities) {

    /** The slot that a standby has which does not say how it is called. */
    static String slotOf(String standby) {
        return "watchkeeper_" + standby.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    }

    /** @param configured the names of those that are configured, by connection */
    record Named(Map<Sender, String> names, Set<Sender> configured) {}

    /** Names connections; each name is given once. */
    Named name(List<Sender> senders) {
        Map<Sender, String> configured = new HashMap<>();
        List<DatabaseSettings> left = new ArrayList<>(standbys);
        recognise(
                senders,
                left,
                configured,
                (sender, standby) -> sender.application().equals(standby.name()));
        recognise(senders, left, configured, (sender, standby) -> isSlotOf(standby.name(), sender.slot()));
        recognise(senders, left, configured, (sender, standby) -> presentsItself(sender, standby));
        recognise(senders, left, configured, (sender, standby) -> isUnnamed(sender) && isAtAddress(sender, standby));

        Map<Sender, String> names = new HashMap<>();
        Set<String> taken = new HashSet<>(configured.values());
        for (Sender sender : senders) {
            String known = configured.get(sender);
            names.put(sender, known != null ? known : free(sender, taken));
        }
        return new Named(names, configured.keySet());
    }

    /** Takes those of whom each fits the other alone: two that look alike are better called otherwise than mixed up. */
    private static void recognise(
            List<Sender> senders,
            List<DatabaseSettings> left,
            Map<Sender, String> named,
            BiPredicate<Sender, DatabaseSettings> fits) {
        List<Sender> open = senders.stream()
                .filter(sender -> !sender.logical() && !named.containsKey(sender))
                .toList();
        Map<DatabaseSettings, Sender> found = new HashMap<>();
        for (DatabaseSettings standby : left) {
            List<Sender> fitting =
                    open.stream().filter(sender -> fits.test(sender, standby)).toList();
            boolean alone = fitting.size() == 1
                    && left.stream()
                                    .filter(other -> fits.test(fitting.get(0), other))
                                    .count()
                            == 1;
            if (alone) {
                found.put(standby, fitting.get(0));
            }
        }
        found.forEach((standby, sender) -> named.put(sender, standby.name()));
        left.removeAll(found.keySet());
    }

    /** Whether a slot is a configured standby's. */
    boolean isSlotOf(String standby, @Nullable String slot) {
        Identity identity = identities.get(standby);
        return slot != null && (slot.equals(slotOf(standby)) || (identity != null && slot.equals(identity.slot())));
    }

    /** Whose slot it is, of those that are configured. */
    Optional<String> ownerOf(String slot) {
        return standbys.stream()
                .map(DatabaseSettings::name)
                .filter(name -> isSlotOf(name, slot))
                .findFirst();
    }

    private boolean presentsItself(Sender sender, DatabaseSettings standby) {
        Identity identity = identities.get(standby.name());
        return identity != null && identity.application().equals(sender.application());
    }

    private static boolean isUnnamed(Sender sender) {
        return sender.application().isEmpty() || sender.application().equals(Identity.UNNAMED);
    }

    /** Addresses alone are compared: looking a host's name up may take long, and gives what the resolver likes. */
    private static boolean isAtAddress(Sender sender, DatabaseSettings standby) {
        String address = sender.address();
        return address != null
                && List.of(standby.address().replace("localhost", "127.0.0.1").split(",")).stream()
                        .anyMatch(host -> host.substring(0, host.lastIndexOf(':'))
                                .replaceAll("[\\[\\]]", "")
                                .equals(address));
    }

    private static String free(Sender sender, Set<String> taken) {
        List<String> candidates = new ArrayList<>();
        if (!isUnnamed(sender)) {
            candidates.add(sender.application());
        }
        if (sender.slot() != null) {
            candidates.add(sender.slot());
        }
        if (sender.address() != null) {
            candidates.add(sender.address());
        }
        candidates.add(Identity.UNNAMED);
        for (String candidate : candidates) {
            if (taken.add(candidate)) {
                return candidate;
            }
        }
        int number = 2;
        while (!taken.add(candidates.get(0) + "-" + number)) {
            number++;
        }
        return candidates.get(0) + "-" + number;
    }
}
