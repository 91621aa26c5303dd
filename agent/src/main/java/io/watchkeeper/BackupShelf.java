package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BackupStatus;
import io.watchkeeper.toolkit.backup.Catalogue;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The backups in the repository as commands show them, and what a person decides about one. */
public final class BackupShelf {

    private final BackupSettings settings;

    /** @throws OperatorException when this host keeps no backups */
    public BackupShelf(AgentConfig config, Clock clock) {
        settings = ConfiguredToolkit.backups(config, clock);
        settings.requireRepository();
    }

    /** A backup with the catalogue it is in. */
    private record Place(Catalogue catalogue, Backup backup) {}

    /** All backups, newest first, as documents. @param database the only one that is meant; null for all */
    public List<Map<String, Object>> list(@Nullable String database) {
        return places().stream()
                .filter(place ->
                        database == null || place.catalogue().database().equals(database))
                .map(place -> summary(place.backup()))
                .toList();
    }

    /** Everything about one backup, its files included. @throws OperatorException when there is none of this name */
    public Map<String, Object> show(String id) {
        Place place = find(id);
        Backup backup = place.backup();
        BackupManifest manifest = backup.manifest();
        Map<String, Object> document = summary(backup);
        document.put("folder", backup.folder().toString());
        document.put("databaseName", manifest.databaseName());
        document.put("serverVersion", manifest.serverVersion());
        document.put("systemId", Long.toUnsignedString(manifest.systemId()));
        document.put("timeline", manifest.timeline());
        document.put("startLsn", text(manifest.startLsn()));
        document.put("stopLsn", text(manifest.stopLsn()));
        document.put("tools", manifest.tools());
        document.put("options", manifest.options());
        document.put("pinnedBy", place.catalogue().pinnedBy(id).orElse(null));
        document.put(
                "files",
                manifest.files().stream()
                        .map(file -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("path", file.path());
                            one.put("bytes", file.bytes());
                            one.put("sha256", file.sha256());
                            return one;
                        })
                        .toList());
        return document;
    }

    /** Keeps a backup from expiring until it is released. @param why for people, with who wants it */
    public void hold(String id, String why) {
        Place place = find(id);
        place.catalogue().status(id, status -> {
            // Looked for again in its turn: an expiry may have taken it out since, and what is gone cannot be held.
            Backup unused = place.catalogue().find(id);
            return status.withHeld(why);
        });
    }

    /** Lets a backup expire again. @return why it was held; null when it was not */
    public @Nullable String release(String id) {
        Place place = find(id);
        String before = place.backup().status().held();
        if (before != null) {
            place.catalogue().status(id, status -> status.withHeld(null));
        }
        return before;
    }

    private Place find(String id) {
        List<Place> all = places();
        return all.stream()
                .filter(place -> place.backup().id().equals(id))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> ids =
                            all.stream().map(place -> place.backup().id()).toList();
                    return new OperatorException(
                            "there is no backup '" + id + "' in " + settings.repository(),
                            Suggestion.didYouMean(id, ids) + "watchkeeper backup list names them.");
                });
    }

    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        for (Catalogue catalogue : settings.catalogues()) {
            catalogue.backups().forEach(backup -> places.add(new Place(catalogue, backup)));
        }
        places.sort(
                Comparator.comparing((Place place) -> place.backup().manifest().startedAt())
                        .reversed());
        return places;
    }

    private static Map<String, Object> summary(Backup backup) {
        BackupManifest manifest = backup.manifest();
        BackupStatus status = backup.status();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", manifest.id());
        document.put("database", manifest.database());
        document.put("kind", manifest.kind().toString());
        document.put("provider", manifest.provider());
        document.put("startedAt", manifest.startedAt().toString());
        document.put("finishedAt", manifest.finishedAt().toString());
        document.put("durationMs", manifest.duration().toMillis());
        document.put("bytes", manifest.bytes());
        document.put("compression", manifest.compression().toString());
        document.put("encryption", manifest.encryption());
        document.put("parent", manifest.parent());
        document.put("good", backup.isGood());
        document.put("damages", status.damages());
        document.put("limit", status.limit());
        document.put("verifiedAt", text(status.verifiedAt()));
        document.put("restoredAt", text(status.restoredAt()));
        document.put("held", status.held());
        return document;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : Objects.toString(value);
    }

    /** Of a backup's document. */
    public static Instant finishedAt(Map<String, Object> document) {
        return Instant.parse(String.valueOf(document.get("finishedAt")));
    }
}
