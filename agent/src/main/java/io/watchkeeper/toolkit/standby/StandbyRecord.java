package io.watchkeeper.toolkit.standby;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was done, or is just being done, for a standby: written before it is done, so that whoever finds it after a crash knows what there
 * may be to go on with, or to undo. Holds no password.
 *
 * @param from the database it is a standby of
 * @param systemId of its cluster
 * @param token by which its data directory and its role are told from anybody else's
 * @param tablespaces from where the primary has them to where they are here
 * @param passFile that its server reads the password from
 * @param slotMade whether the slot was, or may have been, made for it
 * @param hbaFile that has, or may have, a block for it; null when none was written
 * @param start as {@link StandbyStart#text}
 * @param untouched whether the folders of the tablespaces were found empty, and have not been filled for it since; older records do not
 *     say it
 * @param started whether its server was, or may have been, started for it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record StandbyRecord(
        String name,
        String from,
        String systemId,
        String token,
        String dataDirectory,
        String owner,
        int port,
        @Nullable String bin,
        Map<String, String> tablespaces,
        String passFile,
        @Nullable String sslMode,
        @Nullable String sslRootCert,
        String role,
        String slot,
        boolean slotMade,
        @Nullable String hbaFile,
        List<SettingChange> settings,
        String start,
        boolean untouched,
        boolean started,
        String changedAt) {

    StandbyRecord {
        settings = settings == null ? List.of() : List.copyOf(settings);
        tablespaces = tablespaces == null ? Map.of() : Map.copyOf(tablespaces);
    }

    static StandbyRecord begin(StandbyPlan plan, String from, String systemId, String owner, String token) {
        StandbyPlan.Place place = plan.place();
        return new StandbyRecord(
                plan.name(),
                from,
                systemId,
                token,
                place.dataDirectory().toString(),
                owner,
                place.port(),
                place.bin() == null ? null : place.bin().toString(),
                place.tablespaces(),
                PassFile.beside(place.dataDirectory()).toString(),
                plan.access().sslMode(),
                plan.access().sslRootCert(),
                plan.access().role(),
                plan.slot(),
                false,
                null,
                List.of(),
                plan.start().text(),
                true,
                false,
                "");
    }

    Path data() {
        return Path.of(dataDirectory);
    }

    /** The folder that the data directory is in. */
    Path folder() {
        return Objects.requireNonNull(data().toAbsolutePath().getParent());
    }

    /** Where the copy arrives before it is put in its place. */
    Path incoming() {
        return data().resolveSibling("." + data().getFileName() + ".incoming-" + token);
    }

    /** What the server's log is called when pg_ctl starts it. */
    Path log() {
        return data().resolveSibling(data().getFileName() + ".log");
    }

    /** How a role is known to be made for this standby. */
    String roleMark() {
        return "made by Watchkeeper for standby " + name + " (" + token + ")";
    }

    /** @throws OperatorException when the runbook means another standby than the one that was begun */
    StandbyRecord requireSame(StandbyPlan plan, String database, String cluster) {
        requireFrom(database, cluster);
        require("dataDirectory", dataDirectory, plan.place().dataDirectory().toString());
        require("slot", slot, plan.slot());
        require("role", role, plan.access().role());
        return this;
    }

    /** @throws OperatorException when it was begun from another server */
    void requireFrom(String database, String cluster) {
        require("from", from, database);
        if (!systemId.equals(cluster)) {
            throw new OperatorException(
                    "standby '" + name + "' was begun from cluster " + systemId + ", and '" + from + "' is cluster "
                            + cluster + " now",
                    "let databases." + from + ".url lead to the right one.");
        }
    }

    private void require(String what, String was, String is) {
        if (!was.equals(is)) {
            throw new OperatorException(
                    "standby '" + name + "' was begun with " + what + " '" + was + "', not '" + is + "'",
                    "write it as it was, or undo it first: provisionStandby('" + name + "') { …; undo true }.");
        }
    }

    StandbyRecord withSlotMade(boolean now) {
        return copy(now, hbaFile, settings, start, untouched, started, port, changedAt);
    }

    StandbyRecord withHbaFile(@Nullable String now) {
        return copy(slotMade, now, settings, start, untouched, started, port, changedAt);
    }

    StandbyRecord withSettings(List<SettingChange> now) {
        return copy(slotMade, hbaFile, now, start, untouched, started, port, changedAt);
    }

    /** A setting that was changed before keeps what it was before that. */
    StandbyRecord withSetting(SettingChange change) {
        List<SettingChange> all = new ArrayList<>(settings);
        SettingChange merged = settings.stream()
                .filter(one -> one.name().equals(change.name()))
                .findFirst()
                .map(one -> new SettingChange(one.name(), one.before(), change.set()))
                .orElse(change);
        all.removeIf(one -> one.name().equals(change.name()));
        all.add(merged);
        return withSettings(all);
    }

    StandbyRecord withStarted(StandbyStart how) {
        return copy(slotMade, hbaFile, settings, how.text(), untouched, true, port, changedAt);
    }

    StandbyRecord withUntouched(boolean now) {
        return copy(slotMade, hbaFile, settings, start, now, started, port, changedAt);
    }

    StandbyRecord withPort(int now) {
        return copy(slotMade, hbaFile, settings, start, untouched, started, now, changedAt);
    }

    StandbyRecord withChangedAt(String now) {
        return copy(slotMade, hbaFile, settings, start, untouched, started, port, now);
    }

    private StandbyRecord copy(
            boolean slotMadeNow,
            @Nullable String hbaFileNow,
            List<SettingChange> settingsNow,
            String startNow,
            boolean untouchedNow,
            boolean startedNow,
            int portNow,
            String changedAtNow) {
        return new StandbyRecord(
                name,
                from,
                systemId,
                token,
                dataDirectory,
                owner,
                portNow,
                bin,
                tablespaces,
                passFile,
                sslMode,
                sslRootCert,
                role,
                slot,
                slotMadeNow,
                hbaFileNow,
                settingsNow,
                startNow,
                untouchedNow,
                startedNow,
                changedAtNow);
    }
}
