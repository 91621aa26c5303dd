package io.watchkeeper.history;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.audit.AuditDamage.Kind;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.audit.AuditVerdict.CheckedAnchor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the trail from its oldest entry to its newest and says what is first wrong with it. */
final class AuditVerification {

    /** Between pieces, others may read. */
    private static final int PIECE = 5_000;

    private static final String THIS_PROCESS = "this process";

    private final HistoryFile file;
    private long entries;
    private long position;
    private String hash = AuditRows.BEGINNING;
    private @Nullable AuditDamage damage;

    private AuditVerification(HistoryFile file) {
        this.file = file;
    }

    /**
     * @param given anchors by where they were kept; one of an entry that expired is no proof of anything
     * @param own anchors that are moved on before anything expires: what they were taken from must be there
     */
    static AuditVerdict whole(
            HistoryFile file, List<Map.Entry<String, Anchor>> given, List<Map.Entry<String, Anchor>> own) {
        while (true) {
            Optional<Anchor> oldest = file.read(AuditRows::oldest);
            AuditVerdict verdict = new AuditVerification(file).from(oldest, given, own);
            // Old entries may have gone while this was looking for them.
            if (verdict.isIntact() || oldest.equals(file.read(AuditRows::oldest))) {
                return verdict;
            }
        }
    }

    /** What was added after an entry that was found well. @return the new head, or what is wrong */
    static AuditVerdict since(HistoryFile file, Anchor known) {
        Optional<Anchor> oldest = file.read(AuditRows::oldest);
        if (oldest.isPresent() && oldest.get().position() > known.position()) {
            return whole(file, List.of(), List.of(Map.entry(THIS_PROCESS, known)));
        }
        AuditVerification verification = new AuditVerification(file);
        verification.confirm(known, THIS_PROCESS);
        verification.position = known.position();
        verification.hash = known.hash();
        verification.read();
        return verification.verdict(known.position(), List.of());
    }

    private AuditVerdict from(
            Optional<Anchor> oldest, List<Map.Entry<String, Anchor>> given, List<Map.Entry<String, Anchor>> own) {
        long first = oldest.map(Anchor::position).orElse(0L);
        if (first > 1) {
            begin(first);
        }
        if (damage == null) {
            read();
        }
        List<CheckedAnchor> checked = new ArrayList<>();
        for (Map.Entry<String, Anchor> one : given) {
            checked.add(new CheckedAnchor(one.getValue(), one.getKey(), state(one.getValue(), one.getKey(), first)));
        }
        for (Map.Entry<String, Anchor> one : own) {
            checked.add(new CheckedAnchor(one.getValue(), one.getKey(), ownState(one.getValue(), one.getKey(), first)));
        }
        return verdict(first, checked);
    }

    private AuditVerdict verdict(long first, List<CheckedAnchor> checked) {
        return new AuditVerdict(entries, first, position == 0 ? null : new Anchor(position, hash), checked, damage);
    }

    /** The entries before the oldest one must have gone as they should: then a later one has the hash of the last of them. */
    private void begin(long first) {
        Optional<Anchor> cut = file.read(AuditExpiry::cuts).stream().findFirst();
        if (cut.isPresent() && cut.get().position() == first - 1) {
            position = cut.get().position();
            hash = cut.get().hash();
        } else {
            damage = new AuditDamage(
                    cut.map(Anchor::position).orElse(0L) + 1,
                    Kind.MISSING,
                    "the trail begins with entry " + first + ", and no entry says that those before it expired");
        }
    }

    private void read() {
        while (damage == null) {
            long from = position;
            List<AuditRows.Row> piece = file.read(connection -> AuditRows.after(connection, from, PIECE));
            if (piece.isEmpty()) {
                return;
            }
            for (AuditRows.Row row : piece) {
                damage = wrongWith(row);
                if (damage != null) {
                    return;
                }
                position = row.position();
                hash = row.hash();
                entries++;
            }
        }
    }

    private @Nullable AuditDamage wrongWith(AuditRows.Row row) {
        long expected = position + 1;
        if (row.position() != expected) {
            String missing = row.position() == expected + 1
                    ? "entry " + expected + " is"
                    : "entries " + expected + " to " + (row.position() - 1) + " are";
            return new AuditDamage(
                    expected,
                    Kind.MISSING,
                    missing + " missing: entry " + row.position() + " is the next that is there");
        }
        if (!row.digest().equals(row.hash())) {
            return new AuditDamage(
                    expected,
                    Kind.CHANGED,
                    "entry " + expected + " was changed: its content has the hash " + row.digest()
                            + ", and the trail says " + row.hash());
        }
        if (!row.agrees()) {
            return new AuditDamage(
                    expected,
                    Kind.CHANGED,
                    "entry " + expected
                            + " was changed, or stands in another's place: its columns are not what its content says");
        }
        if (!row.previous().equals(hash)) {
            return new AuditDamage(
                    expected,
                    Kind.UNLINKED,
                    "entry " + expected + " was not written after the one before it: it follows the hash "
                            + row.previous() + ", and " + (expected == 1 ? "the beginning is " : "that one has ")
                            + hash);
        }
        return null;
    }

    private String state(Anchor anchor, String source, long first) {
        if (anchor.position() >= first) {
            return confirm(anchor, source);
        }
        Optional<Anchor> cut = file.read(AuditExpiry::cuts).stream()
                .filter(one -> one.position() == anchor.position())
                .findFirst();
        if (cut.isEmpty()) {
            return CheckedAnchor.UNCONFIRMED;
        }
        String hash = cut.get().hash();
        return anchor.isOf(hash) ? "confirmed" : contradicted(anchor, source, hash);
    }

    /** A checkpoint alone, which anybody can write who can write the trail, does not excuse that the entry is gone. */
    private String ownState(Anchor anchor, String source, long first) {
        if (anchor.position() >= first) {
            return confirm(anchor, source);
        }
        if (damage == null) {
            damage = new AuditDamage(
                    anchor.position(),
                    Kind.UNCONFIRMED,
                    source + " has an anchor " + anchor + ", which lies before the last checkpoint and cannot be"
                            + " confirmed: before entries expire it is moved on, so these did not go that way");
        }
        return CheckedAnchor.UNCONFIRMED;
    }

    private String confirm(Anchor anchor, String source) {
        Optional<String> there = file.read(connection -> AuditRows.hashAt(connection, anchor.position()));
        if (there.isPresent() && anchor.isOf(there.get())) {
            return "confirmed";
        }
        return contradicted(anchor, source, there.orElse(null));
    }

    private String contradicted(Anchor anchor, String source, @Nullable String found) {
        if (damage == null) {
            damage = found == null
                    ? new AuditDamage(
                            position + 1,
                            Kind.TRUNCATED,
                            "the trail ends with entry " + position + ", and " + source + " has an anchor of entry "
                                    + anchor.position() + ": the newest entries were cut off")
                    : new AuditDamage(
                            anchor.position(),
                            Kind.TRUNCATED,
                            "entry " + anchor.position() + " has the hash " + found + ", and " + source
                                    + " has an anchor " + anchor
                                    + ": entries up to there were cut off or changed, and written anew");
        }
        return "contradicted";
    }
}
