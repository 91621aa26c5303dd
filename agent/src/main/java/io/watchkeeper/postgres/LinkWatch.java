package io.watchkeeper.postgres;

import io.watchkeeper.units.DurationText;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out that a session waits for what will never come, and cuts it, so that whoever waits gets an error.
 *
 * <p>A statement may honestly take an hour without a byte, and a system sends no keep-alive while something it sent is on its way;
 * so a session that was not heard of for some seconds is asked about over another connection. When that is not answered either,
 * the link is dead. When it is, the server knows whether it works for the session; if it says that it is the session's turn, or
 * knows nothing of it, then something was lost on the way. Where nothing can be learnt, nothing is cut.
 */
final class LinkWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LinkWatch.class);

    /** The thread looks on so long after the last session was closed, so that a new one need not wake it. */
    private static final Duration LINGER = Duration.ofSeconds(30);

    /** Of a link as slow as 32 kbit/s. */
    private static final long SLOWEST_BYTES_PER_MS = 4;

    /** A server that lets nobody in writes that into its log each time. */
    private static final int ASK_LESS_WHEN_REFUSED = 3;

    private final DatabaseSettings settings;
    private final ConnectionSource connections;
    private final LinkLimits limits;
    private final Set<Session> sessions = new LinkedHashSet<>();
    private boolean asleep;
    private boolean closed;
    private @Nullable Thread thread;

    // The thread's own.
    private final Map<SocketAddress, LinkProbe> probes = new HashMap<>();
    private final Map<Session, Doubt> doubts = new HashMap<>();
    private long lastUsed = System.nanoTime();

    /** What a server said that cannot be if all is well, since when, and what was the same about it each time. */
    private record Doubt(String contradiction, BackendState state, long since) {

        boolean isAbout(BackendState other) {
            return contradiction.equals(other.contradiction())
                    && Objects.equals(state.since(), other.since())
                    && Objects.equals(state.copied(), other.copied());
        }
    }

    LinkWatch(DatabaseSettings settings, ConnectionSource connections, LinkLimits limits) {
        this.settings = settings;
        this.connections = connections;
        this.limits = limits;
    }

    synchronized void add(Session session) {
        sessions.add(session);
        if (thread == null && !closed) {
            thread = new Thread(this::run, "watchkeeper-link-" + settings.name());
            thread.setDaemon(true);
            thread.start();
        } else if (asleep) {
            notifyAll();
        }
    }

    synchronized void remove(Session session) {
        sessions.remove(session);
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        try {
            for (List<Session> open = sessions(); open != null; open = sessions()) {
                look(open);
                TimeUnit.NANOSECONDS.sleep(limits.look().toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            probes.values().forEach(LinkProbe::close);
        }
    }

    /** Waits for some, when there have been none for a while. @return those there are; null when it is over */
    private synchronized @Nullable List<Session> sessions() throws InterruptedException {
        if (!sessions.isEmpty()) {
            lastUsed = System.nanoTime();
        }
        while (!closed && sessions.isEmpty() && System.nanoTime() - lastUsed > LINGER.toNanos()) {
            asleep = true;
            wait();
            asleep = false;
        }
        return closed ? null : List.copyOf(sessions);
    }

    private void look(List<Session> open) {
        try {
            long now = System.nanoTime();
            Map<LinkProbe, List<Session>> quiet = quiet(open, now);
            doubts.keySet()
                    .retainAll(quiet.values().stream().flatMap(List::stream).toList());
            endUnused(quiet.keySet());
            for (Map.Entry<LinkProbe, List<Session>> one : quiet.entrySet()) {
                LinkProbe probe = one.getKey();
                if (isDue(probe, now)) {
                    weigh(probe.ask(one.getValue()));
                }
                judge(probe, one.getValue(), open);
            }
        } catch (RuntimeException e) {
            // Whatever it is, the next look may go better, and without the watch nobody would notice anything.
            LOG.warn("the link to '{}' could not be looked at; the next look comes soon", settings.name(), e);
        }
    }

    private boolean isDue(LinkProbe probe, long now) {
        long pause = limits.askAgain().toNanos() * (probe.isRefused() ? ASK_LESS_WHEN_REFUSED : 1);
        return !probe.hasAnswered() || probe.isUnanswered() || now - probe.askedAt() >= pause;
    }

    /** Those that wait and were not heard of for a while, by where they lead. */
    private Map<LinkProbe, List<Session>> quiet(List<Session> open, long now) {
        Map<LinkProbe, List<Session>> quiet = new LinkedHashMap<>();
        for (Session session : open) {
            TappedSocket socket = session.socket();
            SocketAddress address = socket == null ? null : socket.getRemoteSocketAddress();
            if (socket != null
                    && address != null
                    && socket.traffic().isWaiting()
                    && now - socket.traffic().quietSince() >= limits.quiet().toNanos()) {
                LinkProbe probe =
                        probes.computeIfAbsent(address, a -> new LinkProbe(connections, limits, session.host(), a));
                quiet.computeIfAbsent(probe, p -> new ArrayList<>()).add(session);
            }
        }
        return quiet;
    }

    private void endUnused(Set<LinkProbe> used) {
        probes.values().removeIf(probe -> {
            boolean unused = !used.contains(probe)
                    && (probe.isUnanswered() || System.nanoTime() - probe.askedAt() > LINGER.toNanos());
            if (unused) {
                probe.close();
            }
            return unused;
        });
    }

    /** Remembers what cannot be, and since when it is so without a change. */
    private void weigh(Map<Session, BackendState> states) {
        long now = System.nanoTime();
        states.forEach((session, state) -> {
            String contradiction = state.contradiction();
            Doubt before = doubts.get(session);
            if (contradiction == null || !(state.isGone() || session.isBlocked())) {
                doubts.remove(session);
            } else if (before == null || !before.isAbout(state)) {
                doubts.put(session, new Doubt(contradiction, state, now));
            }
        });
    }

    private void judge(LinkProbe probe, List<Session> quiet, List<Session> open) {
        long now = System.nanoTime();
        for (Session session : quiet) {
            LinkTraffic traffic = Objects.requireNonNull(session.socket()).traffic();
            long silence = now - traffic.quietSince();
            if (silence < limits.patience().toNanos() || !traffic.isWaiting()) {
                continue;
            }
            Doubt doubt = doubts.get(session);
            if (probe.isUnanswered()) {
                if (now - lastSign(probe, traffic, open) >= limits.patience().toNanos()) {
                    cut(session, "the link to", "is dead", silence, "a new connection was not answered");
                }
            } else if (doubt != null
                    && now - doubt.since >= patience(doubt, traffic).toNanos()) {
                cut(session, "a connection to", "was lost", silence, "the server says that it " + doubt.contradiction);
            }
        }
    }

    /** When anything came from there last, for whatever session: a link that is busy answers nobody quickly. */
    private static long lastSign(LinkProbe probe, LinkTraffic own, List<Session> open) {
        long last = probe.hasAnswered() && probe.answeredAt() - own.quietSince() > 0
                ? probe.answeredAt()
                : own.quietSince();
        for (Session session : open) {
            TappedSocket socket = session.socket();
            if (socket != null && socket.traffic().heard() - last > 0) {
                last = socket.traffic().heard();
            }
        }
        return last;
    }

    /** How long a contradiction must last: a large statement is under way for long, and a message of a COPY too. */
    private Duration patience(Doubt doubt, LinkTraffic traffic) {
        if (doubt.state.isTakingRows()) {
            return limits.copyPatience();
        }
        return limits.askAgain().plusMillis(traffic.unanswered() / SLOWEST_BYTES_PER_MS);
    }

    private void cut(Session session, String what, String verdict, long silence, String why) {
        String message = what + " '" + settings.name() + "' (" + settings.address() + ") " + verdict + ": no byte for "
                + DurationText.say(Duration.ofNanos(silence)) + ", and " + why;
        LOG.warn("{}; the session of '{}' is cut", message, session.work().applicationName());
        doubts.remove(session);
        session.cutOff(message);
    }
}
