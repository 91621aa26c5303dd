package io.watchkeeper.toolkit.failover;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.SystemdUnit;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server of this host by its data directory: stopped, started, and looked at while it is down. */
final class StoppedServer {

    private static final String SIGNAL = "standby.signal";
    private static final int NOT_RUNNING = 3;

    private final Path data;
    private final Path configFile;
    private final Path bin;
    private final @Nullable SystemdUnit unit;
    private final Duration within;

    /** What pg_controldata says. @param ended where the last checkpoint is, with which a clean shutdown ends the log */
    record Control(String state, String system, Lsn ended, long timeline) {

        boolean isCleanlyDown() {
            return state.equals("shut down") || state.equals("shut down in recovery");
        }
    }

    /** @param unit of systemd; null where pg_ctl stops and starts it */
    StoppedServer(Path data, Path configFile, Path bin, @Nullable String unit, Duration within) {
        this.data = data;
        this.configFile = configFile;
        this.bin = bin;
        this.unit = unit == null ? null : new SystemdUnit(unit);
        this.within = within;
    }

    static StoppedServer of(SwitchoverRecord record) {
        return new StoppedServer(
                record.data(),
                Path.of(record.configFile()),
                Path.of(record.bin()),
                record.unit(),
                Duration.ofSeconds(record.seconds()));
    }

    /** The systemd unit that the running server belongs to; empty when it is none of systemd's, or not running. */
    static Optional<SystemdUnit> unitOf(Path data) {
        try (Stream<String> pidFile = Files.lines(data.resolve("postmaster.pid"))) {
            return SystemdUnit.ofServer(pidFile.findFirst().orElse("").strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    boolean isRunning(Work work) {
        PgCommand.Result status =
                command("pg_ctl", "status", "--pgdata=" + data).attempt(work, line -> {});
        if (status.exit() != 0 && status.exit() != NOT_RUNNING) {
            throw new OperatorException(
                    "pg_ctl cannot say whether the server in " + data + " runs: "
                            + status.output().strip() + status.errors().strip(),
                    null);
        }
        return status.exit() == 0;
    }

    /** Ends its sessions and shuts it down; nothing happens when it is down. */
    void stop(Work work) {
        if (isRunning(work)) {
            if (unit != null) {
                unit.stop(work);
            } else {
                command(
                                "pg_ctl",
                                "stop",
                                "--wait",
                                "--silent",
                                "--mode=fast",
                                "--timeout=" + within.toSeconds(),
                                "--pgdata=" + data)
                        .run(work);
            }
        }
    }

    /**
     * As {@link #stop}, without waiting for anybody: its start recovers. For one that is on its way down and waits for a standby that does
     * not answer; systemd's waits are systemd's business.
     */
    void stopAtOnce(Work work) {
        if (unit == null && isRunning(work)) {
            command("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate", "--pgdata=" + data)
                    .run(work);
        }
    }

    /** Nothing happens when it is up. */
    void start(Work work) {
        if (isRunning(work)) {
            return;
        }
        if (unit != null) {
            unit.start(work);
            return;
        }
        PgCommand start = command(
                "pg_ctl",
                "start",
                "--wait",
                "--silent",
                "--timeout=" + within.toSeconds(),
                "--pgdata=" + data,
                "--log=" + data.resolve("watchkeeper-start.log"));
        if (!data.equals(configFile.getParent())) {
            start.arguments("--options=-c config_file='" + configFile + "'");
        }
        start.run(work);
    }

    private PgCommand command(String program, String... arguments) {
        return PgCommand.of(bin.resolve(program), arguments).asOwnerOf(data);
    }

    Control control(Work work) {
        Map<String, String> lines = new HashMap<>();
        command("pg_controldata", data.toString()).run(work).output().lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                lines.putIfAbsent(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        });
        return new Control(
                lines.getOrDefault("Database cluster state", ""),
                lines.getOrDefault("Database system identifier", ""),
                Lsn.parse(lines.getOrDefault("Latest checkpoint location", ""))
                        .orElseThrow(
                                () -> new OperatorException("pg_controldata names no checkpoint in " + data, null)),
                Long.parseLong(lines.getOrDefault("Latest checkpoint's TimeLineID", "0")));
    }

    boolean isFenced() {
        return Files.exists(data.resolve(SIGNAL));
    }

    /** From here on it can start as a standby only, however it is started, also after a loss of power. */
    void fence() {
        Path signal = data.resolve(SIGNAL);
        try {
            if (!Files.exists(signal)) {
                Path temporary = data.resolve(SIGNAL + ".new");
                Files.deleteIfExists(temporary);
                Files.createFile(temporary);
                PosixFileAttributes like = Files.readAttributes(data.resolve("PG_VERSION"), PosixFileAttributes.class);
                PosixFileAttributeView view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
                view.setPermissions(PosixFilePermissions.fromString("rw-------"));
                if (!Files.getOwner(temporary).equals(like.owner())) {
                    view.setOwner(like.owner());
                    view.setGroup(like.group());
                }
                DurableFile.move(temporary, signal);
            }
            DurableFile.sync(data);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    void unfence() {
        try {
            Files.deleteIfExists(data.resolve(SIGNAL + ".new"));
            if (Files.deleteIfExists(data.resolve(SIGNAL))) {
                DurableFile.sync(data);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private OperatorException unwritable(IOException e) {
        return new OperatorException(
                "cannot write in " + data + ": " + e, "run it as the directory's owner or as root.", e);
    }

    /** Whether a {@link #rewind} has begun and not ended. */
    boolean isRewinding() {
        return KeptFiles.of(data).areSaved();
    }

    /** Takes out of it what the primary does not have. Its own configuration stays. */
    void rewind(DatabaseSettings primary, Work work) {
        KeptFiles kept = KeptFiles.of(data);
        kept.save();
        // It takes the fence away, which the primary does not have, and puts it up again itself before it ends.
        command(
                        "pg_rewind",
                        "--target-pgdata=" + data,
                        "--source-server=" + PgCommand.linkOptions(),
                        "--write-recovery-conf")
                .connect(primary, "watchkeeper switchover")
                .run(work);
        kept.putBack();
        fence();
    }
}
