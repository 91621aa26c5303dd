package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.Encryption;
import io.watchkeeper.toolkit.wal.StoredForm;
import io.watchkeeper.toolkit.wal.WalArchivePlan;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code walArchive('shore') { … }} */
@Block(
        name = "walArchive",
        value = "How the write-ahead log is archived.",
        words = {
            "provider",
            "pgbackrest",
            "method",
            "slot",
            "compress",
            "maxRetained",
            "dropSlotOver",
            "minFree",
            "patience",
            "replace",
            "end"
        })
public final class WalArchiveSpec extends ProviderSpec {

    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

    private WalArchivePlan.Method method = WalArchivePlan.Method.STREAM;
    private boolean methodWritten;
    private @Nullable String slot;
    private Compression compress = Compression.GZIP;
    private Bytes maxRetained = WalArchivePlan.MAX_RETAINED;
    private @Nullable Bytes dropSlotOver;
    private Bytes minFree = WalArchivePlan.MIN_FREE;
    private Duration patience = WalArchivePlan.PATIENCE;
    private boolean replace;
    private boolean end;

    WalArchiveSpec() {}

    @Word(value = "Who brings the log into the archive.", example = "method command", byDefault = "stream")
    public void method(WalArchivePlan.Method how) {
        method = how;
        methodWritten = true;
    }

    @Choice(
            of = "method",
            value =
                    "The agent receives it as it is written, by pg_receivewal with a slot of its own: the archive is less than a"
                            + " second behind.")
    public WalArchivePlan.Method getStream() {
        return WalArchivePlan.Method.STREAM;
    }

    @Choice(
            of = "method",
            value =
                    "The server on this host archives whole segments by archive_command, which is set by ALTER SYSTEM; archive_mode"
                            + " must be on already.")
    public WalArchivePlan.Method getCommand() {
        return WalArchivePlan.Method.COMMAND;
    }

    @Word(
            value =
                    "The physical slot by which the server keeps what the archive has not yet; made where it is missing.",
            example = "slot 'archive_1'",
            byDefault = "watchkeeper_ and the host's name")
    public void slot(@Checked(TextKind.NAME) String name) {
        if (!SLOT.matcher(name).matches()) {
            throw new OperatorException(
                    "'" + name + "' cannot be a slot's name", "slots have small letters, digits and _, at most 63.");
        }
        slot = name;
    }

    @Word(value = "How segments are compressed in the archive.", example = "compress zstd", byDefault = "gzip")
    public void compress(Compression how) {
        compress = how;
    }

    @Choice(of = "compress", value = "Not at all.")
    public Compression getNone() {
        return Compression.NONE;
    }

    @Choice(of = "compress", value = "By gzip, which is on every host.")
    public Compression getGzip() {
        return Compression.GZIP;
    }

    @Choice(of = "compress", value = "By zstd: smaller, and less work.")
    public Compression getZstd() {
        return Compression.ZSTD;
    }

    @Choice(of = "compress", value = "By lz4: the least work.")
    public Compression getLz4() {
        return Compression.LZ4;
    }

    @Word(
            value = "The run fails when the server keeps more log than this for the archive: its disk is filling up.",
            example = "maxRetained 64.gigabytes",
            byDefault = "16.gigabytes")
    public void maxRetained(Bytes most) {
        maxRetained = most;
    }

    @Word(
            value =
                    "When the server keeps more than this, the slot is dropped to save its disk. The archive has a gap then, which fails"
                            + " the runs until there is a new base backup.",
            example = "dropSlotOver 100.gigabytes",
            byDefault = "never")
    public void dropSlotOver(Bytes most) {
        dropSlotOver = most;
    }

    @Word(
            value = "With less than this left on the repository's disk, nothing is received until there is room again.",
            example = "minFree 2.gigabytes",
            byDefault = "256.megabytes")
    public void minFree(Bytes least) {
        minFree = least;
    }

    @Word(
            value = "How long a run waits until the archive has everything that the server had when the run began.",
            example = "patience 2.minutes",
            byDefault = "30.seconds")
    public void patience(Duration limit) {
        patience = limit;
    }

    @Word(
            value = "With method command: takes over from an archive_command that somebody else has set.",
            example = "replace true",
            byDefault = "false")
    public void replace(boolean yes) {
        replace = yes;
    }

    @Word(
            value =
                    "Ends the archive instead: nothing is received any more, the slot is dropped, archive_command is as it was before."
                            + " What is archived stays. Nothing happens when there is none.",
            example = "end true",
            byDefault = "false")
    public void end(boolean yes) {
        end = yes;
    }

    boolean ends() {
        return end;
    }

    /** @throws OperatorException when something is written that pgBackRest's archive does not have */
    void requirePgBackRestsOwn() {
        requireNative(
                methodWritten && method == WalArchivePlan.Method.STREAM,
                "method stream",
                "its segments come from the server's archive_command");
        requireNative(slot != null, "slot", "its archive has none");
        requireNative(dropSlotOver != null, "dropSlotOver", "its archive has no slot");
        requireNative(end, "end", "set archive_command by hand to end it");
    }

    /** With pgBackRest: whether archive_command may be set. */
    boolean mayChange() {
        return method == WalArchivePlan.Method.COMMAND;
    }

    WalArchivePlan plan(BackupSettings settings) {
        if (dropSlotOver != null && dropSlotOver.compareTo(maxRetained) < 0) {
            throw new OperatorException(
                    "'dropSlotOver' " + dropSlotOver + " is less than 'maxRetained' " + maxRetained,
                    "the slot would be dropped before anybody is told: make dropSlotOver the larger one.");
        }
        return new WalArchivePlan(
                method,
                slot == null ? WalArchivePlan.slotOf(settings.host()) : slot,
                form(settings.encryption()),
                maxRetained,
                dropSlotOver,
                minFree,
                patience,
                replace,
                settings.bin());
    }

    private StoredForm form(@Nullable Encryption encryption) {
        Compression how = compress;
        StoredForm form = how == Compression.NONE
                ? StoredForm.PLAIN
                : StoredForm.compressed(how.suffix(), how.toString(), how::compress);
        return encryption == null ? form : form.encryptedFor(encryption.recipients(), encryption::encrypt);
    }
}
