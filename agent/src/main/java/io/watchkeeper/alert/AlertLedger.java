package io.watchkeeper.alert;

import java.util.List;
import java.util.Optional;

/**
 * Remembers alerts over a restart, so that a person hears of each once and Alertmanager hears of its end. Shared by all
 * processes on one state directory.
 */
public interface AlertLedger {

    /** @param key see {@link Alert#key} */
    Optional<OpenAlert> find(String key);

    /** Every alert in the ledger, oldest {@code openedAt} first. */
    List<OpenAlert> all();

    /** Enters the alert, in place of the one with the same key if there is one. Durable on return. */
    void save(OpenAlert alert);

    /** Forgets the alert; nothing happens when there is none. */
    void remove(String key);

    /** The alerts whose label {@code runbook} is this one. */
    default List<OpenAlert> ofRunbook(String runbook) {
        return all().stream()
                .filter(open -> runbook.equals(open.alert().runbook()))
                .toList();
    }
}
