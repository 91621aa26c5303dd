package io.watchkeeper.toolkit.standby;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A standby while it is worked on: its record, which is on the disk before what it tells of is done, and what was found and done. */
final class StandbyDraft {

    private final StandbyLedger ledger;
    private final Map<StandbyStep, String> done = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();
    private StandbyRecord record;
    private boolean changed;

    StandbyDraft(StandbyLedger ledger, StandbyRecord record) {
        this.ledger = ledger;
        this.record = record;
    }

    StandbyRecord record() {
        return record;
    }

    /** Writes down what is about to be done. */
    void record(UnaryOperator<StandbyRecord> change) {
        StandbyRecord now = change.apply(record);
        if (!now.equals(record)) {
            ledger.write(now);
            record = now;
        }
    }

    /** What a step did. */
    void did(StandbyStep step, String words) {
        changed = true;
        done.merge(step, words, (before, more) -> before + "; " + more);
    }

    /** What a step found that needed nothing. */
    void found(StandbyStep step, String words) {
        done.merge(step, words, (before, more) -> before + "; " + more);
    }

    void note(String words) {
        notes.add(words);
    }

    /** By step, in order. */
    Map<StandbyStep, String> done() {
        return done;
    }

    List<String> notes() {
        return notes;
    }

    boolean changed() {
        return changed;
    }
}
