package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.toolkit.replication.ServerLook.Slot;
import io.watchkeeper.toolkit.replication.ServerSeen.SlotSeen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When the log that slots keep will have filled the disk, if everything goes on as in the last minutes. */
record DiskForecast(DatabaseSettings database, ServerLook look, ServerSeen seen, Instant now) {

    /** Null when that is not in sight; also on a server of another host, whose disk nobody sees from here. */
    @Nullable
    Double secondsToFull() {
        Optional<Slot> oldest = look.slots().stream()
                .filter(slot -> slot.restart() != null && !slot.temporary())
                .max(Comparator.comparingLong(slot -> Observer.retained(slot, look.position())));
        SlotSeen known = oldest.map(slot -> seen.slots().get(slot.name())).orElse(null);
        if (oldest.isEmpty() || known == null || !database.local() || look.dataDirectory() == null) {
            return null;
        }
        double growth = known.growth(Observer.retained(oldest.get(), look.position()), now);
        long free = freeBytes(Path.of(look.dataDirectory()));
        // The server gives the slot up before the disk is full.
        boolean bounded = oldest.get().safeBytes() >= 0 && oldest.get().safeBytes() < free;
        return growth <= 0 || free < 0 || bounded ? null : free / growth;
    }

    /** Negative when it cannot be seen. */
    private static long freeBytes(Path data) {
        try {
            Path wal = data.resolve("pg_wal");
            // Who may not look into the folder takes it that the log is on the disk of the data.
            return Files.getFileStore(Files.exists(wal) ? wal : data).getUsableSpace();
        } catch (IOException e) {
            return -1;
        }
    }
}
