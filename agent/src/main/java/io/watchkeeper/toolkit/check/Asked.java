package io.watchkeeper.toolkit.check;

import io.watchkeeper.postgres.Session;
import java.util.List;
import java.util.Map;

/**
 * Further servers that a check asks.
 *
 * @param sessions of those that could be reached
 * @param unreachable why the others could not be, by the database's name
 */
public record Asked(List<Session> sessions, Map<String, String> unreachable) {

    public static final Asked NONE = of(List.of());

    public Asked {
        sessions = List.copyOf(sessions);
        unreachable = Map.copyOf(unreachable);
    }

    public static Asked of(List<Session> sessions) {
        return new Asked(sessions, Map.of());
    }

    int count() {
        return sessions.size() + unreachable.size();
    }
}
