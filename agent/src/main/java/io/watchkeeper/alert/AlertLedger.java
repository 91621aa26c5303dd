package io.watchkeeper.alert;

import java.util.List;
import java.util.Optional;
import java.util.Set;

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

    /**
     * Enters who still has to hear what was told, in place of who had to; nothing happens when somebody else has sent, ended or
     * forgotten the alert since it was saved: telling takes seconds, and what stands there now is newer.
     */
    void saveUnreached(OpenAlert told, Set<String> unreached);

    /** Forgets the alert; nothing happens when there is none, or when somebody else has sent or ended it since it was saved. */
    void remove(OpenAlert told);

    /** The alerts whose label {@code runbook} is this one. */
    default List<OpenAlert> ofRunbook(String runbook) {
        return all().stream()
                .filter(open -> runbook.equals(open.alert().runbook()))
                .toList();
    }
}
