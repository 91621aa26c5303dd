package io.watchkeeper.engine;

import io.watchkeeper.runbook.HeavyWork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who of those that wait may begin. Every process comes to the same answer from the same files, so nobody has to be asked.
 *
 * <p>Most urgent first, who came first of those that are equally urgent; and with time everybody becomes more urgent, so that nobody
 * waits for ever. Whoever cannot begin because of a database keeps it from those behind, but lets them have the other places.
 */
final class HeavyLine {

    /** A restore is why one has backups: it takes a place although all are taken. */
    private static final int SPARE_FOR_RESTORE = 1;

    /**
     * @param place in line, from 1
     * @param reason why it waits, for people; null when it may begin
     */
    record Turn(HeavyClaim claim, int place, @Nullable String reason) {
        boolean mayBegin() {
            return reason == null;
        }
    }

    private final List<HeavyClaim> working;
    private final HeavyLimits limits;
    private final List<Strain> strains;
    private final long now;

    /** @param now by {@link System#nanoTime} */
    HeavyLine(List<HeavyClaim> working, HeavyLimits limits, List<Strain> strains, long now) {
        this.working = List.copyOf(working);
        this.limits = limits;
        this.strains = List.copyOf(strains);
        this.now = now;
    }

    /** Those that wait, in the order of the line, by the id of their run. */
    Map<String, Turn> turns(List<HeavyClaim> waiting) {
        List<HeavyClaim> inOrder = waiting.stream()
                .sorted(Comparator.comparingLong(this::rank)
                        .thenComparingLong(HeavyClaim::arrived)
                        .thenComparing(claim -> claim.run().runId()))
                .toList();
        List<HeavyClaim> claimed = new ArrayList<>(working);
        List<HeavyClaim> taken = new ArrayList<>(working);
        Map<String, Turn> turns = new LinkedHashMap<>();
        for (HeavyClaim claim : inOrder) {
            String strain = strainOn(claim).orElse(null);
            String reason = strain != null ? strain : reason(claim, claimed, taken);
            if (strain == null) {
                // Who waits for calm keeps nothing from anybody meanwhile.
                claimed.add(claim);
            }
            if (reason == null) {
                taken.add(claim);
            }
            turns.put(claim.run().runId(), new Turn(claim, turns.size() + 1, reason));
        }
        return turns;
    }

    private long rank(HeavyClaim claim) {
        HeavyWork.Kind kind = claim.work().kind();
        if (kind == HeavyWork.Kind.RESTORE) {
            return Long.MIN_VALUE;
        }
        return -kind.urgency()
                - Math.max(0, now - claim.arrived())
                        / Math.max(1, limits.aging().toNanos());
    }

    private Optional<String> strainOn(HeavyClaim claim) {
        boolean isPatient = now - claim.arrived() < limits.patience().toNanos();
        return isPatient
                ? strains.stream()
                        .filter(strain -> strain.delays(claim.work()))
                        .findFirst()
                        .map(strain -> "waits because " + strain.text())
                : Optional.empty();
    }

    private @Nullable String reason(HeavyClaim claim, List<HeavyClaim> claimed, List<HeavyClaim> taken) {
        Optional<HeavyClaim> inTheWay = claimed.stream()
                .filter(other -> other.work().collidesWith(claim.work()))
                .findFirst();
        if (inTheWay.isPresent()) {
            return "waits for " + named(inTheWay.get()) + ", which works in '"
                    + claim.work().into() + "'";
        }
        int most = limits.atOnce() + (claim.work().kind() == HeavyWork.Kind.RESTORE ? SPARE_FOR_RESTORE : 0);
        return taken.size() < most
                ? null
                : "waits for " + taken.stream().map(HeavyLine::named).collect(Collectors.joining(" or "));
    }

    private static String named(HeavyClaim claim) {
        return "'" + claim.run().runbook() + "' (run " + claim.run().runId() + ", "
                + claim.work().kind().wireName() + ")";
    }
}
