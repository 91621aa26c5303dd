package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupKind;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupStatus;
import io.watchkeeper.toolkit.backup.Catalogue;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A stanza's backups as entries of the agent's own catalogue, so that lists, page, metrics, holds and marks know them like any other. An
 * entry is a manifest without files, named by pgBackRest's label: the files stay in pgBackRest's repository. What pgBackRest says is
 * true; the entries follow it each time the agent asks.
 */
public final class StanzaCatalogue {

    public static final String PROVIDER = "pgbackrest";

    private static final String STANZA = "stanza";

    private final Catalogue catalogue;
    private final Stanza stanza;

    public StanzaCatalogue(Catalogue catalogue, Stanza stanza) {
        this.catalogue = catalogue;
        this.stanza = stanza;
    }

    /** The lock of those who make or expire the database's backups, by whichever provider. */
    public LockFile lock(String holder) {
        return catalogue.lock(holder);
    }

    /** This stanza's entries, oldest first. */
    public List<Backup> entries() {
        return catalogue.backups().stream()
                .filter(backup -> backup.manifest().provider().equals(PROVIDER)
                        && stanza.name().equals(backup.manifest().options().get(STANZA)))
                .toList();
    }

    /** @throws OperatorException when there is no such entry */
    public Backup entry(String label) {
        return catalogue.find(label);
    }

    /** A backup as an entry would show it, whether it has one or not. */
    public Backup describe(StanzaInfo info, StanzaBackup backup) {
        return entries().stream()
                .filter(entry -> entry.id().equals(backup.label()))
                .findFirst()
                .orElseGet(() -> new Backup(manifest(info, backup), catalogue.folder(), BackupStatus.NEW));
    }

    /**
     * Enters what is new, and takes out what pgBackRest has expired; {@link #lock} must be held.
     *
     * @param info of which every repository could be read: what another cannot see just now is not gone
     */
    public void renew(StanzaInfo info) {
        Map<String, Backup> entries = entries().stream().collect(Collectors.toMap(Backup::id, entry -> entry));
        for (StanzaBackup backup : info.backups()) {
            if (entries.remove(backup.label()) == null) {
                catalogue.enter(manifest(info, backup));
                if (backup.damagedPages()) {
                    catalogue.status(
                            backup.label(), status -> status.withDamages(List.of(StanzaVerification.DAMAGED_PAGES)));
                }
            }
        }
        if (info.isUsable()) {
            entries.values().forEach(catalogue::forget);
        }
    }

    /** Writes down what a verification found. */
    public void mark(StanzaVerification.Findings findings, Instant at) {
        for (StanzaBackup backup : findings.backups()) {
            List<String> problems = findings.damaged().get(backup.label());
            catalogue.status(
                    backup.label(),
                    status -> problems == null ? status.withVerified(at) : status.withDamages(problems));
        }
    }

    /** Labels of those found damaged. */
    public Set<String> damaged() {
        return labels(entries().stream().filter(entry -> !entry.isGood()).toList());
    }

    /** Labels of those that stay whatever the policy says, or are in use now. */
    public Set<String> held() {
        return labels(entries().stream()
                .filter(entry -> entry.status().held() != null || catalogue.isPinned(entry.id()))
                .toList());
    }

    private static Set<String> labels(List<Backup> entries) {
        return entries.stream().map(Backup::id).collect(Collectors.toSet());
    }

    private BackupManifest manifest(StanzaInfo info, StanzaBackup backup) {
        StanzaInfo.Cluster cluster = info.clusters().stream()
                .filter(one -> one.id() == backup.databaseId() && one.repo() == backup.repo())
                .findFirst()
                .orElse(new StanzaInfo.Cluster(backup.databaseId(), backup.repo(), "0", "0"));
        String cipher = info.repos().stream()
                .filter(repo -> repo.key() == backup.repo())
                .map(StanzaInfo.Repo::cipher)
                .findFirst()
                .orElse("none");
        long segmentSize = info.segmentSize();
        Map<String, String> options = new LinkedHashMap<>();
        options.put(STANZA, stanza.name());
        if (stanza.config() != null) {
            options.put("config", stanza.config().toString());
        }
        options.put("type", backup.type().word());
        options.put("repo", Integer.toString(backup.repo()));
        options.put("clusterBytes", Long.toString(backup.bytes()));
        options.put(BackupManifest.ELSEWHERE_BYTES, Long.toString(Math.max(0, backup.newRepoBytes())));
        return new BackupManifest(
                backup.label(),
                backup.type() == StanzaBackup.Type.FULL ? BackupKind.BASE : BackupKind.INCREMENTAL,
                PROVIDER,
                catalogue.database(),
                "",
                cluster.version(),
                Long.parseUnsignedLong(cluster.systemId()),
                backup.walStop() == null
                        ? 0
                        : WalSegment.parse(backup.walStop(), segmentSize)
                                .map(WalSegment::timeline)
                                .orElse(0L),
                backup.start(),
                backup.stop(),
                backup.startedAt(),
                backup.finishedAt(),
                segmentSize,
                List.of(),
                Map.of(PROVIDER, backup.tool()),
                cipher.equals("none") ? "" : cipher,
                Compression.NONE,
                backup.prior(),
                options);
    }
}
