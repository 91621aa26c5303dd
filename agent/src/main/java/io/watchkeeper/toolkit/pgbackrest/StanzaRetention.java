package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of a stanza's backups stay, by the same policy as the agent's own. Of it, what a stanza cannot do is {@code keepWal}: pgBackRest
 * keeps the archive from its oldest backup on, all of it, and never more.
 */
record StanzaRetention(RetentionPolicy policy) {

    /** A full backup with all that stand on it: they stay or go together. @param backups the full one first */
    record BackupSet(String label, List<StanzaBackup> backups) {

        Instant finishedAt() {
            return backups.get(0).finishedAt();
        }

        boolean anyIn(Set<String> labels) {
            return backups.stream().anyMatch(backup -> labels.contains(backup.label()));
        }
    }

    /**
     * What is to be done to one repository.
     *
     * @param expired sets that go, oldest first
     * @param kept sets that stay, oldest first
     * @param spared those that would go if they were not held or in use
     */
    record Decision(int repo, List<BackupSet> expired, List<BackupSet> kept, List<BackupSet> spared) {

        /** Whether just the oldest go: then pgBackRest's own count says the same. */
        boolean isCount() {
            return expired.isEmpty()
                    || expired.get(expired.size() - 1)
                            .finishedAt()
                            .isBefore(kept.get(0).finishedAt());
        }
    }

    /**
     * Decides what goes. A set stays when any of these holds: it is younger than {@code keepBaseBackups}, or the one from which the oldest
     * moment of that time is recovered; it is not older than the newest sound ones that {@code keepLast} and {@code keepAtLeast} count; one
     * of its backups is held or in use. A repository without a sound backup loses nothing.
     *
     * @param damaged labels of backups known to be bad
     * @param held labels of backups that somebody holds, or that a drill, restore or verification uses now
     */
    Decision decide(int repo, List<StanzaBackup> backups, Set<String> damaged, Set<String> held, Instant now) {
        List<BackupSet> sets = sets(backups);
        List<BackupSet> sound =
                sets.stream().filter(set -> isSound(set, damaged)).toList();
        Set<String> wanted = sound.isEmpty() ? labels(sets) : wanted(sets, sound, now);
        List<BackupSet> kept = new ArrayList<>();
        List<BackupSet> expired = new ArrayList<>();
        List<BackupSet> spared = new ArrayList<>();
        for (BackupSet set : sets) {
            if (wanted.contains(set.label())) {
                kept.add(set);
            } else if (set.anyIn(held)) {
                kept.add(set);
                spared.add(set);
            } else {
                expired.add(set);
            }
        }
        return new Decision(repo, expired, kept, spared);
    }

    private Set<String> wanted(List<BackupSet> sets, List<BackupSet> sound, Instant now) {
        Set<String> wanted = labels(newest(sound, policy.keepAtLeast()));
        if (policy.keepBaseBackups() != null) {
            wanted.addAll(labels(reaching(sets, sound, now.minus(policy.keepBaseBackups()))));
        }
        if (policy.keepLast() != null) {
            wanted.addAll(labels(fromThe(policy.keepLast(), sets, sound)));
        }
        return wanted;
    }

    /** All that are younger than the moment, and the newest sound one before it: recovery to that moment begins there. */
    private static List<BackupSet> reaching(List<BackupSet> sets, List<BackupSet> sound, Instant moment) {
        Instant base = sound.stream()
                .map(BackupSet::finishedAt)
                .filter(finished -> !finished.isAfter(moment))
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
        return sets.stream().filter(set -> !set.finishedAt().isBefore(base)).toList();
    }

    /** The newest sound ones, and whatever is newer than the oldest of these. */
    private static List<BackupSet> fromThe(int number, List<BackupSet> sets, List<BackupSet> sound) {
        List<BackupSet> last = newest(sound, number);
        Instant oldest = last.get(0).finishedAt();
        return sets.stream().filter(set -> !set.finishedAt().isBefore(oldest)).toList();
    }

    private static boolean isSound(BackupSet set, Set<String> damaged) {
        StanzaBackup full = set.backups().get(0);
        return full.type() == StanzaBackup.Type.FULL && !full.damagedPages() && !damaged.contains(full.label());
    }

    private static List<BackupSet> newest(List<BackupSet> sets, int number) {
        return sets.subList(Math.max(0, sets.size() - number), sets.size());
    }

    private static Set<String> labels(List<BackupSet> sets) {
        return sets.stream().map(BackupSet::label).collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    private static List<BackupSet> sets(List<StanzaBackup> backups) {
        Map<String, List<StanzaBackup>> byFull = backups.stream()
                .sorted(Comparator.comparing(StanzaBackup::label))
                .collect(Collectors.groupingBy(StanzaBackup::fullLabel, java.util.TreeMap::new, Collectors.toList()));
        return byFull.entrySet().stream()
                .map(entry -> new BackupSet(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(BackupSet::finishedAt).thenComparing(BackupSet::label))
                .toList();
    }
}
